// The step-through: what each run is at one instant.

const MOST_CHIPS = 60; // in one list; of more their number
const KINDS = { reserved: mark("reserved"), free: mark("free"), held: mark("held"), unused: mark("unused") };

class Panels {
  constructor(page, runs, charts) {
    Object.assign(this, { page, runs, charts });
    this.times = [...new Set(runs.flatMap((run) => [...run.steps.at]))].sort((a, b) => a - b);
    if (!this.times.length) this.times = [0];
    this.step = 0;
  }

  go(step) {
    this.step = Math.min(Math.max(0, step), this.times.length - 1);
    const at = this.times[this.step], instants = this.runs.map((run) => run.instantAt(at));
    this.runs.forEach((run, place) => {
      document.getElementById(`panel-${place}`).replaceChildren(...this._panel(run, at, instants[place]));
    });
    this._values(instants);
    this.charts.point(instants);
    return at;
  }

  // The last step at or before an instant of the record.
  find(instant) {
    let found = 0;
    for (let step = 0; step < this.times.length; step++) {
      if (this.times[step] <= instant) found = step;
    }
    return found;
  }

  time(ns) {
    return `${brief(ns, this.page.scale)} ${this.page.unit}`;
  }

  _panel(run, at, instant) {
    const step = run.stepAt(at), here = step >= 0 && run.steps.at[step] === at;
    const when = element("p", "instant", `${run.title} · ${this.time(at)} `);
    if (instant > at) when.append(element("small", "", tr("seen at {time}", { time: this.time(instant) })));
    const words = element("p", here ? "words" : "words other",
      here ? run.steps.words[step] : tr("Nothing is decided here at this instant."));
    const rows = run.rowsAt(instant), list = element("dl");
    const of = (state) => rows.filter((row) => row >= 0 && run.state[row] === run.code[state]);
    this._entry(list, mark("running"), this._running(run, of("running")));
    this._entry(list, mark("ready"), this._ready(run, of("ready"), step));
    this._entry(list, mark("blocked"), this._chips(run, of("blocked"), (row) => {
      const values = { device: run.where(row), time: this.time(run.end[row]) };
      return run.device[row] >= 0 ? tr("for {device}, until {time}", values) : tr("until {time}", values);
    }));
    const others = [["new", mark("waiting for memory")], ["suspended", mark("suspended")], ["zombie", mark("zombie")]];
    for (const [state, label] of others) {
      if (run.code[state] !== undefined && of(state).length) this._entry(list, label, this._chips(run, of(state)));
    }
    const observed = here ? run.steps.observed?.[step] ?? [] : [];
    if (observed.length) this._entry(list, mark("observed"), this._observed(run, observed));
    const parts = [when, words, list];
    if (run.memory) parts.push(this._map(run, instant));
    return parts;
  }

  _entry(list, label, content) {
    const value = element("dd", label.replaceAll(" ", "-"));
    value.append(content);
    list.append(element("dt", "", tr(label)), value);
  }

  chip(run, process) {
    const chip = element("span", "chip", run.processes[process]), [fill, ink] = run.colour(process);
    chip.style.setProperty("--c", fill);
    chip.style.setProperty("--i", ink);
    chip.title = run.processes[process];
    return chip;
  }

  _running(run, rows) {
    const list = element("ol");
    for (let core = 0; core < run.cores; core++) {
      const item = element("li", "", run.cores > 1 ? `${tr("core {core}", { core })} ` : "");
      const row = rows.find((each) => run.core[each] === core);
      item.append(row === undefined ? tr("idle") : this.chip(run, run.process[row]));
      list.append(item);
    }
    return list;
  }

  // In the order of the last decision, with its keys; processes that became ready since are behind them.
  _ready(run, rows, step) {
    const waiting = new Set(rows.map((row) => run.process[row])), list = element("ol");
    const entries = run.queue(step).filter(([process]) => waiting.delete(process));
    const queue = [...entries, ...[...waiting].map((each) => [each, ""])];
    for (const [process, keys] of queue.slice(0, MOST_CHIPS)) {
      const item = element("li");
      item.append(this.chip(run, process), element("span", "keys", keys));
      list.append(item);
    }
    this._rest(list, rows);
    if (rows.length > 6) list.tabIndex = 0; // it scrolls
    return rows.length ? list : tr("none");
  }

  _chips(run, rows, remark = () => "") {
    const list = element("ol");
    for (const row of rows.slice(0, MOST_CHIPS)) {
      const item = element("li");
      item.append(this.chip(run, run.process[row]), element("span", "keys", remark(row)));
      list.append(item);
    }
    this._rest(list, rows);
    return rows.length ? list : tr("none");
  }

  // What processes called, printed and observed since the step before.
  _observed(run, told) {
    const list = element("ol");
    for (const [process, words] of told.slice(0, MOST_CHIPS)) {
      const item = element("li");
      item.append(this.chip(run, process), element("span", "keys", words));
      list.append(item);
    }
    this._rest(list, told);
    return list;
  }

  _rest(list, rows) {
    if (rows.length > MOST_CHIPS) list.append(element("li", "keys", tr("and {n} more", { n: (rows.length - MOST_CHIPS).toLocaleString("en") })));
  }

  // Memory from its lowest address to its highest.
  _map(run, instant) {
    const map = element("div", "map"), { places, size } = run.memory;
    const add = (kind, bytes, text, process) => {
      if (bytes <= 0) return;
      const part = element("span", kind, text);
      part.style.flex = `${bytes / size} 0 0`;
      part.title = `${text || tr(KINDS[kind])} ${sizeWords(bytes)}`;
      if (process !== undefined) {
        part.style.setProperty("--c", run.colour(process)[0]);
        part.style.setProperty("--i", run.colour(process)[1]);
      }
      map.append(part);
    };
    const held = run.heldAt(instant).sort((a, b) => a[1] - b[1]);
    let edge = 0;
    for (const [base, bytes] of places) {
      add("reserved", base - edge, "");
      edge = base;
      for (const [process, at, room, asked] of held.filter((each) => each[1] >= base && each[1] < base + bytes)) {
        add("free", at - edge, tr("free"));
        add("held", Math.min(asked, room), run.processes[process], process);
        add("unused", room - asked, "", process);
        edge = at + room;
      }
      add("free", base + bytes - edge, tr("free"));
      edge = base + bytes;
    }
    add("reserved", size - edge, "");
    map.setAttribute("role", "img");
    const names = held.map(([process, at]) => tr("{process} at {address}", { process: run.processes[process], address: sizeWords(at) }));
    const programs = names.join(", ") || tr("empty");
    map.setAttribute("aria-label", tr("memory: {programs}", { programs }));
    return map;
  }

  // What the curves are at these instants.
  _values(instants) {
    const piece = this.charts.piece ?? 1;
    const texts = { ready: [], programs: [], busy: [] };
    this.charts.curves.forEach((curves, at) => {
      const instant = instants[at], from = Math.floor(instant / piece) * piece;
      texts.ready.push([this.runs[at].title, curves.ready.at(instant)]);
      texts.programs.push([this.runs[at].title, curves.programs.at(instant)]);
      texts.busy.push([this.runs[at].title, share(curves.busy.mean(from, Math.min(from + piece, this.runs[at].span)))]);
    });
    for (const [name, values] of Object.entries(texts)) {
      const line = document.getElementById(`value-${name}`);
      line.replaceChildren(...values.flatMap(([title, value]) => [`${title} `, element("b", "", String(value)), element("br")]));
      if (name === "busy") line.append(tr("means over {time}", { time: duration(piece) }));
    }
  }
}
