// What the playground has on one's own machine: real runs, their queue, and the files of the folder.

import { Files } from "./files.js"; // before the front end begins
import "./app.js";
import { request } from "./request.js";

const AGAIN = 1000; // ms until the next attempt to hear from the server
const NAMES = { "run-real": "real run", compare: "comparison" };
const playground = window.playground;

function element(name, attributes, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

class RealRuns {
  constructor() {
    this.mine = new Set(); // the numbers of runs that this page has asked for, and not shown
    this.list = element("ul", { id: "runs" });
    this.note = element("p", { className: "note", textContent: "Real runs and policies of your own are executed as you, on this machine." });
    this.list.setAttribute("aria-label", "real runs");
    const buttons = Object.keys(NAMES).map((kind) => element("button", {
      id: kind, textContent: kind === "compare" ? "Compare" : "Run for real", onclick: () => this.ask(kind),
      title: kind === "compare" ? "simulate, run on real processes, and say how far apart they are" : "run on real processes of this machine",
    }));
    document.getElementById("run").after(...buttons);
    document.getElementById("status").after(this.list, this.note);
    this.listen();
    setInterval(() => this.tick(), AGAIN);
  }

  async ask(kind) {
    try {
      const { number } = await request("runs", "POST", { do: kind, ...playground.question });
      this.mine.add(number);
    } catch (error) {
      playground.say(error.message, true);
    }
  }

  listen() {
    const socket = new WebSocket(new URL("api/events", document.baseURI).href.replace(/^http/, "ws"));
    socket.addEventListener("message", ({ data }) => this.put(JSON.parse(data).runs));
    socket.addEventListener("close", () => {
      this.note.textContent = "The server does not answer: its command has ended. What is typed here can still be copied.";
      setTimeout(() => this.listen(), AGAIN);
    });
    socket.addEventListener("open", () => {
      this.note.textContent = "Real runs and policies of your own are executed as you, on this machine.";
    });
  }

  // Counts the seconds of the run that is under way: a run that dispatches nothing tells no progress.
  tick() {
    for (const each of this.list.querySelectorAll(".running time, .stopping time")) {
      each.dataset.seconds = Number(each.dataset.seconds) + 1;
      each.textContent = ` ${each.dataset.seconds} s `;
    }
  }

  put(runs) {
    this.list.replaceChildren(...runs.map((run) => this.item(run)));
    for (const { number, state } of runs) {
      if (state === "done" && this.mine.delete(number)) this.show(number);
    }
  }

  item({ number, do: kind, file, policies, state, said, seconds, shown }) {
    const what = `${NAMES[kind]} ${number}: ${[file.split("/").at(-1), ...policies].join(" ")}`;
    const clock = element("time", { textContent: state === "running" || state === "stopping" ? ` ${seconds} s ` : " " });
    clock.dataset.seconds = seconds;
    const label = element("span", {}, element("strong", { textContent: what }), clock, said ? `${state}, ${said}` : state);
    const buttons = [];
    if (shown) buttons.push(element("button", { textContent: "Show", ariaLabel: `show ${what}`, onclick: () => this.show(number) }));
    if (shown) buttons.push(element("button", { textContent: "JSON", ariaLabel: `save ${what} as JSON`, onclick: () => this.save(number) }));
    if (state !== "done") {
      const text = { waiting: "Take out", running: "Stop (Ctrl-C)", stopping: "Kill" }[state];
      buttons.push(element("button", { textContent: text, ariaLabel: `${text}: ${what}`, onclick: () => this.stop(number) }));
    }
    return element("li", { className: state }, label, ...buttons);
  }

  async stop(number) {
    try {
      await request(`runs/${number}`, "DELETE");
    } catch (error) {
      playground.say(error.message, true);
    }
  }

  async show(number) {
    try {
      const result = await request(`runs/${number}`);
      playground.round++; // a simulation that is under way must not replace what is shown
      playground._problems(result.problems ?? []);
      if (result.problems) return;
      await playground._show(result.page);
      const stopped = result.stopped ? ` It was stopped: ${result.stopped}.` : "";
      playground.say(`Real run ${number} is shown.${stopped} ${result.remarks.join(" ")}`.trim());
    } catch (error) {
      playground.say(error.message, true);
    }
  }

  async save(number) {
    try {
      const { document: text } = await request(`runs/${number}`);
      const link = element("a", { href: URL.createObjectURL(new Blob([text])), download: `run-${number}.json` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } catch (error) {
      playground.say(error.message, true);
    }
  }
}

playground.real = new RealRuns();
playground.files = new Files(playground);
