// Predict: the student draws who runs when into an empty chart; then the model shows its own.

import { inWords, Lane, parts } from "./lane.js";
import { mark, tr } from "./renderer.js";

const MOST_TICKS = 8;
const KEYS = mark("Draw with the pointer, or choose a core with <kbd>Tab</kbd>: <kbd>←</kbd> <kbd>→</kbd> move, with <kbd>Shift</kbd> they draw; <kbd>space</kbd> draws one cell, <kbd>Delete</kbd> empties it; <kbd>1</kbd> to <kbd>9</kbd> choose the process, <kbd>0</kbd> none.");
const byId = (id) => document.getElementById(id);

export class Predict {
  // `ask` asks the model; `question` returns the scenario as a question has it.
  constructor({ ask, question, say }) {
    Object.assign(this, { ask, question, say, sheet: null });
    byId("keys-of-drawing").innerHTML = tr(KEYS);
    byId("commit").addEventListener("click", () => this.commit());
    byId("again").addEventListener("click", () => this._draw());
    byId("brushes").addEventListener("change", (event) => { this.brush = Number(event.target.value); });
  }

  // Makes an empty chart of the scenario, unless it is that of the chart that is being drawn.
  async refresh() {
    const sheet = await this.ask({ do: "predict", ...this.question() });
    if (sheet.problems) {
      byId("given").replaceChildren();
      byId("drawing").hidden = true;
      this.sheet = null;
      return sheet.problems;
    }
    if (JSON.stringify(sheet) === JSON.stringify(this.sheet)) return [];
    this.sheet = sheet;
    byId("given").innerHTML = sheet.given; // made by teaching.sheet, which escapes what the scenario says
    this._choices();
    this._draw();
    return [];
  }

  _choices() {
    const choices = [...this.sheet.processes.map(({ name, colour, ink }, at) => choice(at, name, colour, ink)), choice(-1, tr("no process"))];
    byId("brushes").replaceChildren(element("legend", tr("The process that you draw")), ...choices);
    this.choose(0);
  }

  choose(process) {
    this.brush = process;
    const found = byId("brushes").querySelector(`input[value="${process}"]`);
    if (found) found.checked = true;
  }

  _draw() {
    const { sheet } = this, several = sheet.cores > 1;
    byId("verdict-of-chart").replaceChildren();
    byId("commit").disabled = false;
    byId("drawing").hidden = false;
    this.lanes = Array.from({ length: sheet.cores }, (_, core) => new Lane({
      name: several ? tr("core {core}", { core }) : tr("the core"), sheet, brush: () => this.brush, choose: (process) => this.choose(process),
    }));
    byId("lanes").replaceChildren(...this.lanes.map((lane) => lane.row), axis(sheet));
  }

  async commit() {
    const { sheet } = this, lanes = this.lanes.map((lane) => lane.stretches());
    const answer = await this.ask({ do: "grade", lanes, ...this.question() });
    if (answer.problems) return this.say(answer.problems[0].message, true);
    byId("commit").disabled = true;
    const rows = this.lanes.flatMap((lane, core) => [lane.ended(), shownLane(answer.right[core], sheet)]);
    byId("lanes").replaceChildren(...rows, axis(sheet));
    const right = answer.share === 1, verdict = byId("verdict-of-chart");
    verdict.innerHTML = answer.why; // made by playground.predicting, which escapes names
    const said = right ? tr("Right: this is the chart of the model.") : tr("{share} of the points. The model's chart is below yours.", { share: answer.points });
    verdict.prepend(element("p", said, right ? "good" : "bad"));
    verdict.focus();
  }
}

function choice(process, name, colour, ink) {
  const label = element("label", ""), input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "brush", value: process });
  const chip = element("span", name, "chip");
  if (colour) {
    chip.style.setProperty("--c", colour);
    chip.style.setProperty("--i", ink);
  }
  label.append(input, chip);
  return label;
}

function shownLane(stretches, sheet) {
  const row = element("div", "", "lane-row"), lane = element("div", "", "lane");
  lane.append(...parts(stretches.map(([name, start, end]) => [sheet.processes.findIndex((each) => each.name === name), start / sheet.step, end / sheet.step]), sheet));
  lane.setAttribute("role", "img");
  lane.setAttribute("aria-label", inWords(stretches, sheet) || tr("idle"));
  row.append(element("span", tr("the model"), "lane-name"), lane);
  return row;
}

function axis(sheet) {
  const row = element("div", "", "lane-row"), line = element("div", "", "ticks");
  const every = [1, 2, 5, 10, 20, 25, 50, 100].find((step) => sheet.cells / step <= MOST_TICKS) ?? 100;
  for (let cell = 0; cell <= sheet.cells; cell += every) {
    const tick = element("span", String(Number((cell * sheet.step / sheet.scale).toFixed(3))));
    tick.style.left = `${(100 * cell) / sheet.cells}%`;
    line.append(tick);
  }
  row.append(element("span", sheet.unit, "lane-name"), line);
  return row;
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}
