// The model, in a worker of its own: the page stays alive while it computes, and can end it.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const SITE = "/site"; // where the packages lie in the worker's file system

async function archive(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name} could not be loaded (${response.status})`);
  return response.arrayBuffer();
}

async function start() {
  const [python, packages, project] = await Promise.all([
    loadPyodide({ indexURL: new URL("pyodide/", import.meta.url).href, stdout: console.debug, stderr: console.debug }), archive("packages.zip"), archive("project.zip"),
  ]);
  for (const content of [packages, project]) python.unpackArchive(content, "zip", { extractDir: SITE });
  return python.runPython(`
import sys
sys.path.insert(0, ${JSON.stringify(SITE)})
from playground.answers import answer, warm_up
warm_up()
answer
`);
}

const answer = start();
answer.then(() => postMessage({ ready: true }), (error) => postMessage({ failed: String(error.message ?? error) }));

addEventListener("message", async ({ data: { number, question } }) => {
  try {
    postMessage({ number, answer: (await answer)(question) });
  } catch (error) {
    postMessage({ number, error: String(error.message ?? error) });
  }
});
