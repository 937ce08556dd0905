// The curtain: what comes later is not drawn, and each step is asked before it is revealed.

const NOBODY = mark("no process");

class Curtain {
  constructor(panels, charts) {
    Object.assign(this, { panels, charts, furthest: -1, right: 0, asked: 0 });
    document.body.classList.add("curtained");
    this._limit();
  }

  // Whether a step may be shown. Otherwise the next hidden one is asked.
  allows(step, then) {
    if (step <= this.furthest) return true;
    this._ask(this.furthest + 1, then);
    return false;
  }

  get box() {
    return document.getElementById("curtain");
  }

  _limit() {
    const next = this.panels.times[this.furthest + 1];
    this.charts.limit = next === undefined ? Infinity : this.panels.runs[0].instantAt(next);
    if (next === undefined) document.body.classList.remove("curtained");
    this.charts.draw();
  }

  _reveal(step, then) {
    this.furthest = step;
    this._limit();
    then(step);
  }

  _ask(step, then) {
    const run = this.panels.runs[0], at = this.panels.times[step], change = this._change(run, step);
    if (!change) return this._reveal(step, then);
    const values = { time: this.panels.time(at), core: change.core };
    const question = element("p", "", run.cores > 1
      ? tr("{time}: which process has core {core} from here?", values)
      : tr("{time}: which process has the core from here?", values));
    const choices = element("div", "choices");
    for (const process of [...run.processes.keys(), -1].slice(0, MOST_CHIPS)) {
      const button = element("button", "", process < 0 ? tr(NOBODY) : run.processes[process]);
      button.addEventListener("click", () => this._answer(step, process, change, then));
      choices.append(button);
    }
    this.box.replaceChildren(question, choices);
    this.box.hidden = false;
    choices.firstChild?.focus();
  }

  _answer(step, process, change, then) {
    const run = this.panels.runs[0], good = process === change.process;
    this.asked += 1;
    this.right += Number(good);
    const name = change.process < 0 ? tr(NOBODY) : run.processes[change.process];
    const here = run.stepAt(this.panels.times[step]);
    const words = here >= 0 && run.steps.at[here] === this.panels.times[step] ? run.steps.words[here] : "";
    const said = good ? tr("Right: {process}.", { process: name }) : tr("Wrong: it is {process}.", { process: name });
    const verdict = element("p", good ? "good" : "bad", `${said} `);
    const score = tr("{right} of {asked} right so far.", { right: this.right, asked: this.asked });
    verdict.append(element("small", "", `${words} ${score}`));
    this.box.replaceChildren(verdict);
    this._reveal(step, then);
  }

  // The first core that changes hands at a step, and the process that has it then (-1: none).
  _change(run, step) {
    const holders = (at) => {
      const held = new Array(run.cores).fill(-1);
      for (const row of run.rowsAt(run.instantAt(at))) {
        if (row >= 0 && run.state[row] === run.code.running) held[run.core[row]] = run.process[row];
      }
      return held;
    };
    const now = holders(this.panels.times[step]);
    const before = step ? holders(this.panels.times[step - 1]) : now.map(() => -1);
    const core = now.findIndex((process, at) => process !== before[at]);
    return core < 0 ? null : { core, process: now[core] };
  }
}

// The data of a glyph up to an instant, in the units of the chart.
function beforeCurtain(data, limit) {
  if (limit === Infinity || limit === undefined) return data;
  const starts = data.left ?? data.x;
  if (!starts) return data;
  const kept = [...starts.keys()].filter((at) => starts[at] < limit);
  const cut = Object.fromEntries(Object.entries(data).map(([name, column]) => [name, kept.map((at) => column[at])]));
  if (cut.right) cut.right = cut.right.map((end) => Math.min(end, limit));
  return cut;
}
