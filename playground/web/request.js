// Requests to the playground's server on this machine.

import { tr } from "./renderer.js";

// Sends a request to the server and returns its answer, an object. Throws an Error with the server's words.
export async function request(path, method = "GET", content = undefined) {
  let response;
  try {
    response = await fetch(new URL(`api/${path}`, document.baseURI), {
      method, headers: { "Multiprog-Request": "yes" }, ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
  } catch {
    throw new Error(tr("the server does not answer: has its command ended?"));
  }
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(text.trim() || tr("the server answers {status}", response));
  }
  if (!response.ok) throw new Error(answer.problems?.[0]?.message ?? tr("the server answers {status}", response));
  return answer;
}
