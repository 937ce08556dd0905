// Asks the model in its worker. A worker that takes too long is ended, and another one is started.

import { tr } from "./renderer.js";

const LIMIT = 10_000; // ms for one answer, once the model is loaded

// A worker that loads the model. `ready` is rejected if it cannot.
function loading() {
  const worker = new Worker(new URL("worker.js", document.baseURI), { type: "module" });
  const ready = new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => {
      if (data.ready) resolve();
      if (data.failed) reject(new Error(data.failed));
    });
    worker.addEventListener("error", (event) => reject(new Error(event.message ?? tr("no worker"))));
  });
  return { worker, ready };
}

let early = loading(); // the model takes longest to load: it begins before everything else

export class Model {
  // `told` gets what the model is: "loading", "ready", or an error in words.
  constructor(told) {
    this.told = told;
    this.waiting = new Map(); // by number: [resolve, reject, timer]
    this.number = 0;
    this._start();
  }

  _start() {
    this.told("loading");
    const { worker, ready } = early ?? loading();
    early = null;
    this.worker = worker;
    this.ready = ready.then(() => this.told("ready"), ({ message }) => {
      const said = tr("the model could not be loaded: {reason}", { reason: message });
      this.told(said);
      throw new Error(said);
    });
    this.ready.catch(() => {}); // the user has read it; a question is refused with it, too
    worker.addEventListener("message", ({ data }) => this._hear(data));
  }

  _hear(data) {
    const [resolve, reject, timer] = this.waiting.get(data.number) ?? [];
    clearTimeout(timer);
    this.waiting.delete(data.number);
    if (data.error) reject?.(new Error(lastLine(data.error)));
    else resolve?.(JSON.parse(data.answer));
  }

  // Returns the answer to a question, an object; see playground/answers.py.
  async ask(question) {
    await this.ready;
    const number = ++this.number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this._end(), LIMIT);
      this.waiting.set(number, [resolve, reject, timer]);
      this.worker.postMessage({ number, question: JSON.stringify(question) });
    });
  }

  // Ends the worker, whatever it does. What it was asked has no answer.
  _end() {
    this.worker.terminate();
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    this._start();
    for (const [, reject, timer] of waiting) {
      clearTimeout(timer);
      reject(new Error(tr("this took longer than {limit} s and was ended: make the scenario smaller, or look for an endless loop in the policy", { limit: LIMIT / 1000 })));
    }
  }
}

function lastLine(text) {
  return text.trim().split("\n").at(-1);
}
