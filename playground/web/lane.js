// One core of an empty chart: cells of equal length, each with one process or none.
//
// The pointer draws; so do the keys: the arrows move, with Shift they draw, 1 to 9 choose a process.

import { tr } from "./renderer.js";

const NONE = -1;

export class Lane {
  // `brush()` returns the process that is drawn; `choose(process)` chooses another one.
  constructor({ name, sheet, brush, choose }) {
    Object.assign(this, { name, sheet, brush, choose, at: 0 });
    this.cells = new Array(sheet.cells).fill(NONE);
    this.row = document.createElement("div");
    this.row.className = "lane-row";
    const label = document.createElement("span");
    label.className = "lane-name";
    label.textContent = name;
    this.lane = document.createElement("div");
    this.lane.className = "lane drawn";
    this.lane.tabIndex = 0;
    for (const [key, value] of Object.entries({ role: "slider", "aria-label": tr("{core}: the process at each time", { core: name }), "aria-valuemin": 0, "aria-valuemax": sheet.cells - 1 })) {
      this.lane.setAttribute(key, value);
    }
    this.row.append(label, this.lane);
    this._listen();
    this.draw();
  }

  _listen() {
    const { lane } = this;
    lane.addEventListener("pointerdown", (event) => {
      lane.setPointerCapture(event.pointerId);
      this.before = [...this.cells];
      this.last = this._cell(event);
      this._paint(this.last, this.last);
      lane.focus();
      event.preventDefault();
    });
    lane.addEventListener("pointermove", (event) => {
      if (this.last === undefined) return;
      const cell = this._cell(event);
      this._paint(this.last, cell);
      this.last = cell;
    });
    lane.addEventListener("pointerup", () => { this.last = undefined; });
    lane.addEventListener("pointercancel", () => { // the finger scrolls the page: it draws nothing
      this.last = undefined;
      this.cells = this.before;
      this.draw();
    });
    lane.addEventListener("keydown", (event) => this._key(event));
  }

  _cell({ clientX }) {
    const { left, width } = this.lane.getBoundingClientRect();
    return Math.min(this.sheet.cells - 1, Math.max(0, Math.floor(((clientX - left) / width) * this.sheet.cells)));
  }

  _paint(one, other) {
    for (let cell = Math.min(one, other); cell <= Math.max(one, other); cell++) this.cells[cell] = this.brush();
    this.at = other;
    this.draw();
  }

  _key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { key, shiftKey } = event, last = this.sheet.cells - 1;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -last, End: last };
    if (key in moves) {
      const from = this.at, to = Math.min(last, Math.max(0, from + moves[key]));
      if (shiftKey) this._paint(from, to);
      else this.at = to;
    } else if (key === " " || key === "Enter") {
      this._paint(this.at, this.at);
      this.at = Math.min(last, this.at + 1);
    } else if (key === "Delete" || key === "Backspace") this.cells[this.at] = NONE;
    else if (/^\d$/.test(key) && Number(key) <= this.sheet.processes.length) this.choose(Number(key) - 1);
    else return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere on the page the arrows step through the run
    this.draw();
  }

  draw() {
    const { sheet, at } = this, cursor = document.createElement("span");
    cursor.className = "cell-cursor";
    cursor.style.left = `${(100 * at) / sheet.cells}%`;
    cursor.style.width = `${100 / sheet.cells}%`;
    this.lane.replaceChildren(...parts(this._runs(), sheet), cursor);
    const time = (cell) => Number(((cell * sheet.step) / sheet.scale).toFixed(3));
    const process = sheet.processes[this.cells[at]]?.name ?? tr("no process");
    this.lane.setAttribute("aria-valuenow", at);
    this.lane.setAttribute("aria-valuetext", tr("{start} to {end} {unit}: {process}", { start: time(at), end: time(at + 1), unit: sheet.unit, process }));
  }

  // [process, from, until] in cells, without what is empty.
  _runs() {
    const runs = [];
    this.cells.forEach((process, cell) => {
      const last = runs.at(-1);
      if (last?.[0] === process && last[2] === cell) last[2] = cell + 1;
      else if (process !== NONE) runs.push([process, cell, cell + 1]);
    });
    return runs;
  }

  // [name, from, until] in ns.
  stretches() {
    const { step, processes } = this.sheet;
    return this._runs().map(([process, from, until]) => [processes[process].name, from * step, until * step]);
  }

  // The row of what was drawn, which cannot be changed any more.
  ended() {
    const lane = this.lane.cloneNode(true), words = inWords(this.stretches(), this.sheet);
    for (const name of ["tabindex", "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"]) lane.removeAttribute(name);
    lane.setAttribute("role", "img");
    lane.setAttribute("aria-label", words || tr("empty"));
    lane.querySelector(".cell-cursor").remove();
    const row = this.row.cloneNode(false), label = this.row.firstChild.cloneNode(false);
    label.textContent = tr("yours, {core}", { core: this.name });
    row.append(label, lane);
    return row;
  }
}

// What stretches of [name, from, until] in ns show.
export function inWords(stretches, { scale }) {
  return stretches.map(([process, start, end]) => tr("{process} from {start} to {end}", { process, start: start / scale, end: end / scale })).join(", ");
}

// Elements of a lane for [process, from, until] in cells.
export function parts(runs, { processes, cells }) {
  return runs.map(([process, from, until]) => {
    const part = document.createElement("span"), { name, colour, ink } = processes[process];
    part.className = "part";
    part.textContent = part.title = name;
    Object.assign(part.style, { left: `${(100 * from) / cells}%`, width: `${(100 * (until - from)) / cells}%`, background: colour, color: ink });
    return part;
  });
}
