// The record, as it is looked up.

// Distances to times.
function added(distances) {
  const times = new Float64Array(distances.length);
  let at = 0;
  for (let i = 0; i < distances.length; i++) times[i] = at += distances[i];
  return times;
}

// One run. Intervals are columns, sorted by process and start; `first[p]` is process p's first row.
class Run {
  constructor(given, page) {
    Object.assign(this, given);
    this.page = page;
    this.stateOf = new Map(page.states.map((state) => [state.code, state]));
    this.code = Object.fromEntries(page.states.map((state) => [state.name, state.code]));
    this._open(given.intervals);
    this.steps = { ...given.steps, at: added(given.steps.at), shown: added(given.steps.shown) };
    const lost = given.overheads;
    this.lost = { ...lost, start: added(lost.start) };
  }

  _open({ count, gap, length }) {
    this.rows = length.length;
    this.start = new Float64Array(this.rows);
    this.end = new Float64Array(this.rows);
    this.process = new Int32Array(this.rows);
    this.first = [0];
    let row = 0;
    count.forEach((many, process) => {
      let at = 0;
      for (const behind = row + many; row < behind; row++) {
        this.process[row] = process;
        this.start[row] = at += gap[row];
        this.end[row] = at += length[row];
      }
      this.first.push(row);
    });
    Object.assign(this, {
      state: this.intervals.state, core: this.intervals.core,
      device: this.intervals.device, why: this.intervals.why,
    });
  }

  colour(process) {
    return this.page.palette[this.colours[process] % this.page.palette.length];
  }

  // The row in which a process is at an instant; -1: it has not arrived, or has ended.
  rowAt(process, at) {
    const row = upTo(this.start, at, this.first[process], this.first[process + 1]) - 1;
    return row >= this.first[process] && at < this.end[row] ? row : -1;
  }

  // For each process its row at an instant, or -1.
  rowsAt(at) {
    return this.processes.map((_, process) => this.rowAt(process, at));
  }

  where(row) {
    if (this.core[row] >= 0) return tr("core {core}", { core: this.core[row] });
    return this.device[row] >= 0 ? this.devices[this.device[row]] : "";
  }

  // The last step at or before an instant of virtual time; -1: none yet.
  stepAt(at) {
    return upTo(this.steps.at, at) - 1;
  }

  // The instant of the record that shows what was decided up to an instant of virtual time.
  instantAt(at) {
    const step = this.stepAt(at);
    return step < 0 ? at : Math.max(at, this.steps.shown[step]);
  }

  // The ready queue at the last decision of a step: [process, words of its keys], in order.
  queue(step) {
    const last = this.decisions && step >= 0 ? this.steps.last[step] : 0;
    if (!last) return [];
    const entries = [], row = this.decisions.ready[last - 1];
    for (let at = 0; at < row.length; ) {
      const process = row[at], names = this.decisions.keys[row[at + 1]];
      const words = names.map((name, i) => keyWords(name, row[at + 2 + i]));
      entries.push([process, words.join(", ")]);
      at += 2 + names.length;
    }
    return entries;
  }

  // The programs that are in memory at an instant.
  heldAt(at) {
    return this.memory.stays.filter(([, , , , since, until]) => since <= at && (until === null || at < until));
  }
}

// The keys of the policies that come with Multiprog.
[
  mark("since"), mark("rest"), mark("remaining"), mark("expected"), mark("ratio"), mark("level"), mark("used"),
  mark("queue"), mark("tickets"), mark("pass"), mark("weight"), mark("period"), mark("deadline"),
  mark("relative deadline"), mark("laxity"), mark("class"), mark("priority"), mark("ahead"), mark("group"),
];

function keyWords(name, value) {
  const word = tr(name.replace(/_ns$/, "").replaceAll("_", " "));
  if (name.endsWith("_ns") && Number.isInteger(value)) return `${word} ${duration(value)}`;
  return `${word} ${value === null ? tr("none") : value}`;
}
