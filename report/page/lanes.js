// What of a run is drawn for one range of time: bars no thinner than can be seen.
//
// Intervals thinner than that are drawn together: a bar whose height says which share of its time
// a process ran. Nothing is lost: zooming in looks at the record again.

const FLOOR = 0.08;
const THINNEST = [1.2, 3, 6, 12, 24]; // pixels; the first with which there are at most MOST bars
const FINEST_OF_CORES = 2; // pixels; there are few cores, and they are looked at most
const MOST = 4000;
const HATCHED = 5; // pixels; narrower bars have no pattern, but their height tells their state
const FAINT = 0.15; // more opacity instead of a pattern
const MOST_WORDS = 500;
const OTHER = { height: 0.3, opacity: 0.2, hatch: "", words: "" }; // a state without a look of its own
const LEAST_SHARE = 0.15; // of the height, for the least that ran

// Columns of bars for each pattern, empty.
function barsOf(page) {
  const columns = ["left", "right", "bottom", "top", "fill", "line", "alpha"];
  return Object.fromEntries(page.hatches.map((hatch) => [
    hatch, Object.fromEntries(columns.map((column) => [column, []])),
  ]));
}

function addTo(sums, key, amount) {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

function mostOf(sums) {
  let most;
  for (const [key, sum] of sums) if (most === undefined || sum > sums.get(most)) most = key;
  return most;
}

class Lanes {
  constructor(run) {
    this.run = run;
    this.lanes = [...this._cores(), ...this._processes()];
    this.names = this.lanes.map((lane) => lane.name);
    this.shortened = new Shortened(run.processes);
  }

  // Rows by start; a row below zero is overhead: ~place.
  _cores() {
    const run = this.run;
    const lanes = Array.from({ length: run.cores }, (_, core) => ({ name: tr("core {core}", { core }), core, rows: [] }));
    for (let row = 0; row < run.rows; row++) {
      if (run.state[row] === run.code.running && lanes[run.core[row]]) lanes[run.core[row]].rows.push(row);
    }
    run.lost.core.forEach((core, place) => lanes[core]?.rows.push(~place));
    return lanes.map((lane) => this._timed(lane, lane.rows.sort((a, b) => this.startOf(a) - this.startOf(b))));
  }

  _processes() {
    const run = this.run;
    return run.processes.slice(0, run.page.lanes).map((name, process) => {
      const rows = [];
      for (let row = run.first[process]; row < run.first[process + 1]; row++) rows.push(row);
      return this._timed({ name, process }, rows);
    });
  }

  _timed(lane, rows) {
    return {
      ...lane, rows, begins: Float64Array.from(rows, (row) => this.startOf(row)),
      ends: Float64Array.from(rows, (row) => this.endOf(row)),
    };
  }

  startOf(row) {
    return row < 0 ? this.run.lost.start[~row] : this.run.start[row];
  }

  endOf(row) {
    return row < 0 ? this.run.lost.start[~row] + this.run.lost.length[~row] : this.run.end[row];
  }

  // What the record says of a point in the chart: lane from below, and instant (ns); or null.
  told(y, instant) {
    const lane = this.lanes[this.lanes.length - 1 - Math.floor(y)];
    const at = lane ? upTo(lane.begins, instant) - 1 : -1;
    if (at < 0 || instant >= lane.ends[at]) return null;
    const run = this.run, row = lane.rows[at], page = run.page;
    const time = (ns) => `${brief(ns, page.scale)} ${page.unit}`;
    const from = this.startOf(row), until = this.endOf(row);
    const times = [[tr("from"), time(from)], [tr("until"), time(until)], [tr("lasted"), time(until - from)]];
    if (row < 0) {
      const why = run.lost.whys[run.lost.why[~row]];
      return [[tr("process"), tr("none")], [tr("state"), why], [tr("core"), run.lost.core[~row]], ...times];
    }
    const state = (run.stateOf.get(run.state[row]) ?? OTHER).words;
    const facts = [[tr("process"), run.processes[run.process[row]]], [tr("state"), state]];
    if (run.core[row] >= 0) facts.push([tr("core"), run.core[row]]);
    if (run.device[row] >= 0) facts.push([tr("waits for"), run.devices[run.device[row]]]);
    return [...facts, ...times, [tr("why it ended"), page.whys[run.why[row]]]];
  }

  // Columns of bars and of words between two instants (ns) on so many pixels.
  view(from, to, pixels, look) {
    const spans = this.lanes.map((lane) => [
      Math.max(0, upTo(lane.begins, from) - 2), upTo(lane.begins, to),
    ]);
    let view;
    for (const thinnest of THINNEST) {
      view = new View(this, (to - from) / pixels, thinnest, look);
      this.lanes.forEach((lane, place) => view.lane(lane, place, ...spans[place], from, to));
      if (view.count <= MOST) break;
    }
    return view;
  }
}

class View {
  constructor(lanes, perPixel, thinnest, look) {
    this.run = lanes.run;
    this.of = lanes;
    this.perPixel = perPixel;
    this.least = { core: Math.min(thinnest, FINEST_OF_CORES) * perPixel, process: thinnest * perPixel };
    this.look = look;
    this.count = 0;
    this.merged = 0; // intervals that are drawn together
    this.bars = barsOf(lanes.run.page);
    this.words = { x: [], y: [], text: [], ink: [] };
    this.labels = new Map(); // of processes whose bars had room for the end of the name alone: that end, process
  }

  lane(lane, place, first, behind, from, to) {
    const floor = this.of.lanes.length - 1 - place + FLOOR;
    const least = lane.core === undefined ? this.least.process : this.least.core;
    let thin = [];
    for (let at = first; at < behind; at++) {
      if (lane.ends[at] <= from) continue;
      const wide = lane.ends[at] - lane.begins[at] >= least;
      if (thin.length && (wide || lane.ends[at] - lane.begins[thin[0]] > least)) {
        this._flush(lane, thin, floor);
        thin = [];
      }
      if (wide) this._bar(lane, lane.rows[at], floor, from, to);
      else thin.push(at);
    }
    if (thin.length) this._flush(lane, thin, floor);
  }

  _flush(lane, thin, floor) {
    if (thin.length === 1) this._bar(lane, lane.rows[thin[0]], floor);
    else this._together(lane, thin, floor);
  }

  _bar(lane, row, floor, from, to) {
    const run = this.run;
    if (row < 0) {
      this._push(this.of.startOf(row), this.of.endOf(row), floor, 0.84, this.look.overhead, 0.45, "");
      return;
    }
    const drawn = run.stateOf.get(run.state[row]) ?? OTHER, running = run.state[row] === run.code.running;
    const [fill] = run.colour(run.process[row]);
    const hatched = drawn.hatch && run.end[row] - run.start[row] >= HATCHED * this.perPixel;
    const opacity = drawn.hatch && !hatched ? drawn.opacity + FAINT : drawn.opacity;
    this._push(run.start[row], run.end[row], floor, drawn.height, fill, opacity, hatched ? drawn.hatch : "", running);
    if (lane.core !== undefined && from !== undefined) this._word(row, floor, from, to);
  }

  // Several rows in one bar: what took most of the time, and how much of it a process ran.
  _together(lane, thin, floor) {
    const run = this.run, others = new Map(), runners = new Map();
    let ran = 0;
    for (const at of thin) {
      const row = lane.rows[at], lasted = lane.ends[at] - lane.begins[at];
      if (row < 0) continue;
      if (run.state[row] === run.code.running) {
        ran += lasted;
        addTo(runners, run.process[row], lasted);
      } else addTo(others, run.state[row], lasted);
    }
    this.merged += thin.length;
    const begin = lane.begins[thin[0]], end = lane.ends[thin[thin.length - 1]];
    const [fill] = run.colour(lane.process ?? mostOf(runners) ?? 0);
    if (others.size) {
      const state = run.stateOf.get(mostOf(others)) ?? OTHER;
      this._ground(begin, end, floor, state, fill);
    }
    if (ran) {
      const height = 0.84 * Math.max(LEAST_SHARE, ran / (end - begin || 1));
      this._push(begin, end, floor, Math.min(0.84, height), fill, 1, "", true);
    } else if (!others.size) this._push(begin, end, floor, 0.84, this.look.overhead, 0.45, "");
  }

  // What is drawn behind the running intervals: one bar as long as the state and the lane stay the same.
  _ground(begin, end, floor, state, fill) {
    const last = this.last, right = this.bars[""].right, scale = this.run.page.scale;
    if (last && last.floor === floor && last.state === state && begin / scale <= right[last.place] + this.perPixel / scale) {
      right[last.place] = end / scale;
      return;
    }
    this.last = { floor, state, place: right.length };
    this._push(begin, end, floor, state.height, fill, Math.min(1, state.opacity + FAINT), "", true);
  }

  _push(start, end, floor, height, fill, alpha, hatch, running = false) {
    const bars = this.bars[hatch], scale = this.run.page.scale;
    this.count++;
    bars.left.push(start / scale);
    bars.right.push(end / scale);
    bars.bottom.push(floor);
    bars.top.push(floor + height);
    bars.fill.push(fill);
    const parted = running && end - start > 4 * this.perPixel;
    bars.line.push(parted ? this.look.paper : running ? fill : this.look.mid);
    bars.alpha.push(alpha);
  }

  // The name of the running process, or as much of it as what can be seen has room for.
  _word(row, floor, from, to) {
    const run = this.run, process = run.process[row];
    const left = Math.max(from, run.start[row]), right = Math.min(to, run.end[row]);
    const text = this.of.shortened.fitting(process, ((right - left) / this.perPixel - 4) / 8);
    if (!text || this.words.x.length >= MOST_WORDS) return;
    if (!run.processes[process].startsWith(text)) this.labels.set(text, process);
    this.words.x.push((left + right) / 2 / run.page.scale);
    this.words.y.push(floor + 0.42);
    this.words.text.push(text);
    this.words.ink.push(run.colour(process)[1]);
  }
}
