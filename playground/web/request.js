// Requests to the playground's server on this machine.

// Sends a request to the server and returns its answer, an object. Throws an Error with the server's words.
export async function request(path, method = "GET", content = undefined) {
  let response;
  try {
    response = await fetch(new URL(`api/${path}`, document.baseURI), {
      method, headers: { "Multiprog-Request": "yes" }, ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    });
  } catch {
    throw new Error("the server does not answer: has its command ended?");
  }
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(text.trim() || `the server answers ${response.status}`);
  }
  if (!response.ok) throw new Error(answer.problems?.[0]?.message ?? `the server answers ${response.status}`);
  return answer;
}
