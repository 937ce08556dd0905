// The charts: Bokeh's models, filled anew whenever the range of time or the look changes.

const LONGEST = 16; // characters of a lane's name
const MOST_LABELS = 40; // in the legend

class Charts {
  constructor(page, runs, figures) {
    Object.assign(this, { page, runs, figures });
    this.model = (name) => figures.model(name);
    this.time = figures.time;
    this.lanes = runs.map((run) => new Lanes(run));
    this.curves = runs.map(curvesOf);
    this.whole = { start: this.time.start, end: this.time.end };
    this.lanes.forEach((lanes, at) => this._label(`lanes-${at}`, lanes.names.map((name, place) => [
      lanes.names.length - 0.5 - place, cut(name, LONGEST),
    ])));
    runs.forEach((run, at) => run.memory && this._label(`memory-${at}`, this._addresses(run.memory)));
    for (const name of ["ready", "programs"]) {
      const most = Math.max(1, ...this.curves.map((curves) => curves[name].most));
      this.model(`range-curve-${name}`).end = most * 1.1;
    }
    this.model("range-curve-busy").end = 110;
    this.missed = runs.map((run, at) => {
      const missed = run.missed.filter(([process]) => process < page.lanes);
      return {
        x: missed.map(([, instant]) => instant / page.scale),
        y: missed.map(([process]) => this.lanes[at].names.length - 0.12 - run.cores - process),
      };
    });
    this.due = false;
    Object.assign(figures.heard, { range: () => this.draw(), width: () => this.later() });
  }

  _label(chart, names) {
    const axis = this.model(`axis-${chart}`);
    axis.major_label_overrides = new Map(names);
    axis.ticker.ticks = names.map(([at]) => at);
  }

  _addresses({ places, size }) {
    const borders = [...new Set([0, ...places.flatMap(([base, bytes]) => [base, base + bytes]), size])];
    const chosen = borders.length > 2 && borders.length <= 12 ? borders : [0, 1, 2, 3, 4].map((part) => Math.floor((part * size) / 4));
    return chosen.map((address) => [address / size, sizeWords(address)]);
  }

  // Of the frame; before the first drawing a guess.
  get pixels() {
    return this.model("lanes-0").inner_width || 800;
  }

  later() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.draw();
    });
  }

  // Where the curtain hangs, in the units of the charts; nothing behind it is drawn.
  get edge() {
    return this.limit === undefined ? Infinity : this.limit / this.page.scale;
  }

  // Range of time in ns.
  get range() {
    return [this.time.start * this.page.scale, this.time.end * this.page.scale];
  }

  draw() {
    const [from, to] = this.range, pixels = this.pixels, look = theLook();
    const labels = new Map();
    let merged = 0, hidden = 0;
    this.runs.forEach((run, at) => {
      const view = this.lanes[at].view(from, to, pixels, look);
      merged += view.merged;
      for (const [label, process] of view.labels) labels.set(label, run.processes[process]);
      this._fill(`bars-${at}`, view.bars);
      this._replace(`words-${at}`, view.words);
      this._replace(`missed-${at}`, this.missed[at]);
      for (const [name, curve] of Object.entries(this.curves[at])) {
        this.model(`${name}-${at}`).data = beforeCurtain(curve.line(from, to, pixels, run.span, this.page.scale), this.edge);
      }
      if (run.memory) {
        const map = memoryView(run, from, to, pixels, look);
        hidden += map.hidden;
        this._fill(`stays-${at}`, map.bars);
        this._replace(`stay-words-${at}`, map.words);
      }
    });
    this._say(merged, hidden, this.curves[0].busy.piece(from, to, pixels));
    this._tell(labels);
    document.body.dataset.drawn = Number(document.body.dataset.drawn ?? 0) + 1;
  }

  _fill(name, bars) {
    this.page.hatches.forEach((hatch, place) => {
      this._replace(`${name}-${place}`, bars[hatch]);
    });
  }

  // What is empty and was empty is left alone.
  _replace(name, data) {
    const source = this.model(name);
    if (!source) return; // nothing of the kind in this run
    const [before] = Object.values(source.data), shown = beforeCurtain(data, this.edge);
    if (Object.values(shown)[0].length || before?.length) source.data = shown;
  }

  _say(merged, hidden, piece) {
    const words = [], count = Math.max(...this.runs.map((run) => run.processes.length));
    if (count > this.page.lanes) words.push(tr("The first {lanes} of {all} processes have a lane.", {
      lanes: this.page.lanes, all: count.toLocaleString("en"),
    }));
    if (merged) words.push(tr("{n} intervals are too short to see here and are drawn together; their height is the share of " +
      "their time in which a process ran; zoom in to see each.", { n: merged.toLocaleString("en") }));
    if (hidden) words.push(tr("{n} short stays in memory are not drawn at this zoom.", { n: hidden.toLocaleString("en") }));
    document.getElementById("aggregated").textContent = words.join(" ");
    this.piece = piece;
  }

  // The meanings of the labels in the bars that are drawn now.
  _tell(labels) {
    const shown = [...labels].sort(([one], [other]) => (one < other ? -1 : 1)).slice(0, MOST_LABELS);
    const items = shown.map(([label, name]) => {
      const item = element("li");
      item.append(element("b", "", label), ` ${cut(name, 2 * LONGEST)}`);
      return item;
    });
    if (labels.size > MOST_LABELS) items.push(element("li", "", tr("and {n} more", { n: labels.size - MOST_LABELS })));
    document.getElementById("labels").replaceChildren(...items);
  }

  // -- moving ------------------------------------------------------------------------------------

  show(start, end) {
    const { start: least, end: most } = this.whole, width = Math.min(end - start, most - least);
    const from = Math.min(Math.max(start, least), most - width);
    this.time.setv({ start: from, end: from + width });
  }

  zoom(factor, about = (this.time.start + this.time.end) / 2) {
    const { start, end } = this.time;
    if (factor < 1 && (end - start) * factor < this.time.min_interval) return;
    this.show(about - (about - start) * factor, about + (end - about) * factor);
  }

  pan(share) {
    const by = (this.time.end - this.time.start) * share;
    this.show(this.time.start + by, this.time.end + by);
  }

  // Marks an instant (ns) of each run, and brings the first into view.
  point(instants) {
    instants.forEach((instant, at) => {
      this.model(`cursor-lanes-${at}`).location = instant / this.page.scale;
      if (this.runs[at].memory) this.model(`cursor-memory-${at}`).location = instant / this.page.scale;
    });
    const x = instants[0] / this.page.scale, { start, end } = this.time;
    for (const name of ["ready", "programs", "busy"]) this.model(`cursor-curve-${name}`).location = x;
    if (x < start || x > end) this.show(x - (end - start) / 2, x + (end - start) / 2);
  }
}
