// What the playground has on one's own machine: real runs, their queue, and the files of the folder.

import { Files } from "./files.js"; // before the front end begins
import "./app.js";
import { mark, show, tr } from "./renderer.js";
import { request } from "./request.js";

const AGAIN = 1000; // ms until the next attempt to hear from the server
const NAMES = { "run-real": mark("real run {number}: {what}"), compare: mark("comparison {number}: {what}") };
const STATES = { waiting: mark("waiting for its turn"), running: mark("running"), stopping: mark("stopping"), done: mark("done") };
const STOPS = { waiting: mark("Take out"), running: mark("Stop (Ctrl-C)"), stopping: mark("Kill") };
const OWN = mark("Real runs and policies of your own are executed as you, on this machine.");
const playground = window.playground;

function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

class RealRuns {
  constructor() {
    this.items = new Map(); // of the list, by the number of the run
    this.mine = new Set(); // the numbers of runs that this page has asked for, and not shown
    this.list = element("ul", { id: "runs" });
    this.note = element("p", { className: "note", textContent: tr(OWN) });
    this.list.setAttribute("aria-label", tr("real runs"));
    const buttons = Object.keys(NAMES).map((kind) => element("button", {
      id: kind, textContent: kind === "compare" ? tr("Compare") : tr("Run for real"), onclick: () => this.ask(kind),
      title: kind === "compare" ? tr("simulate, run on real processes, and say how far apart they are") : tr("run on real processes of this machine"),
    }));
    document.getElementById("run").after(...buttons);
    document.getElementById("took").after(this.list, this.note); // below the sliders, which stay where they are
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
      this.note.textContent = tr("The server does not answer: its command has ended. What is typed here can still be copied.");
      setTimeout(() => this.listen(), AGAIN);
    });
    socket.addEventListener("open", () => {
      this.note.textContent = tr(OWN);
    });
  }

  // Counts the seconds of the run that is under way: a run that dispatches nothing tells no progress.
  tick() {
    for (const each of this.list.querySelectorAll(".running time, .stopping time")) {
      if (!each.textContent.trim()) continue; // its progress tells them
      each.dataset.seconds = Number(each.dataset.seconds) + 1;
      each.textContent = ` ${each.dataset.seconds} s `;
    }
  }

  put(runs) {
    const there = new Set(runs.map(({ number }) => number));
    for (const [number, item] of this.items) if (!there.has(number)) this.items.delete(number) && item.remove();
    for (const run of runs) this.renew(run);
    for (const { number, state } of runs) {
      if (state === "done" && this.mine.delete(number)) this.show(number);
    }
  }

  // Renews the item of a run in place: a button that is replaced ten times a second cannot be clicked.
  renew({ number, do: kind, file, policies, state, said, seconds, shown }) {
    const what = tr(NAMES[kind], { number, what: [file.split("/").at(-1), ...policies].join(" ") });
    let item = this.items.get(number);
    if (!item) {
      item = element("li", {}, element("span", {}, element("strong", { textContent: what }), element("time"), element("span")));
      this.items.set(number, item);
      this.list.append(item);
    }
    const clock = item.querySelector("time");
    clock.dataset.seconds = seconds;
    const counts = state === "stopping" || (state === "running" && !/\d s$/.test(said)); // progress ends with its seconds
    clock.textContent = counts ? ` ${seconds} s ` : " ";
    const now = state === "done" && !shown ? tr("no result") : tr(STATES[state]);
    const told = said ? tr("{state}, {progress}", { state: now, progress: said }) : now;
    clock.nextSibling.textContent = state === "running" && said ? said : told;
    if (item.className === state) return;
    item.className = state;
    item.querySelectorAll("button").forEach((button) => button.remove());
    item.append(...this.buttons(number, what, state, shown));
  }

  buttons(number, what, state, shown) {
    const button = (textContent, ariaLabel, onclick) => element("button", { textContent, ariaLabel, onclick });
    if (state in STOPS) {
      const stop = tr(STOPS[state]);
      return [button(stop, tr("{button}: {run}", { button: stop, run: what }), () => this.stop(number))];
    }
    return shown ? [button(tr("Show"), tr("Show {run}", { run: what }), () => this.show(number)), button("JSON", tr("JSON of {run}", { run: what }), () => this.save(number))] : [];
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
      playground._problems(result.problems ?? []);
      if (result.problems) return;
      await this.draw(result.page);
      const run = this.items.get(number)?.querySelector("strong").textContent ?? tr("run {number}", { number });
      const stopped = result.stopped ? tr("It was stopped: {reason}.", { reason: result.stopped }) : "";
      playground.say([tr("Shown: {run}.", { run }), stopped, ...result.remarks].filter(Boolean).join(" "));
    } catch (error) {
      playground.say(error.message, true);
    }
  }

  // Shows the page of a run in place of the simulated one, which is not renewed until the text changes.
  async draw({ opening, charts, closing, document: drawn }) {
    if (playground.view !== "view-run") playground.look?.("view-run");
    clearTimeout(playground.timer);
    playground.wanted = false;
    playground.round++;
    document.getElementById("opening").innerHTML = opening; // made by report.page, which escapes what the scenario says
    document.getElementById("closing").innerHTML = closing;
    document.getElementById("result").hidden = false;
    if (show.length === 1) document.getElementById("charts").innerHTML = charts;
    await show(drawn, charts);
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
