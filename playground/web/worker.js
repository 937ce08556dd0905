// The model, in a worker of its own: the page stays alive while it computes, and can end it.

import { loadPyodide } from "./pyodide/pyodide.mjs";
import { VERSION } from "./version.js";

const SITE = "/site"; // where the packages lie in the worker's file system
const COMPILED = new URL("compiled.zip", import.meta.url).href; // in the browser only; see playground/bytecode.py

async function archive(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name} could not be loaded (${response.status})`);
  return response.arrayBuffer();
}

// The modules as an earlier visit has compiled them; null: there was none, or the browser keeps nothing.
async function compiled() {
  try {
    const kept = await (await caches.open(`compiled-${VERSION}`)).match(COMPILED);
    return kept ? await kept.arrayBuffer() : null;
  } catch {
    return null;
  }
}

async function keep(python) {
  try {
    const cache = await caches.open(`compiled-${VERSION}`);
    const made = python.runPython(`from playground.bytecode import compiled; compiled(${JSON.stringify(SITE)})`);
    await cache.put(COMPILED, new Response(made.toJs()));
    made.destroy();
  } catch { /* the next visit compiles again */ }
}

async function start() {
  const [python, packages, project, before] = await Promise.all([
    loadPyodide({ indexURL: new URL("pyodide/", import.meta.url).href, stdout: console.debug, stderr: console.debug }), archive("packages.zip"), archive("project.zip"), compiled(),
  ]);
  for (const content of [packages, project, before]) if (content) python.unpackArchive(content, "zip", { extractDir: SITE });
  const answer = python.runPython(`
import sys
sys.path.insert(0, ${JSON.stringify(SITE)})
from playground.answers import answer, warm_up
warm_up()
answer
`);
  if (!before) setTimeout(() => keep(python), 2000); // the first run is shown before
  return answer;
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
