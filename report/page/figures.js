// The charts without data: axes, tools, and the glyphs that the other scripts fill.
//
// All charts share one range of time, so they zoom and pan together. Each is drawn into the element
// whose `data-chart` is its name: lanes-0, curve-ready, memory-0.

const CURVE_HEIGHT = 74; // pixels inside the frame
const MEMORY_HEIGHT = 150;
const AXIS_HEIGHT = 26;
const TOP = 6;
const BARS = ["left", "right", "bottom", "top", "fill", "line", "alpha"];
const CURVES = ["ready", "programs", "busy"];

// A new model of Bokeh's.
function bokeh(kind, properties = {}) {
  return new (Bokeh.Models.get(kind))(properties);
}

// Pixels of a lane: fewer, the more lanes there are.
function laneHeight(lanes) {
  return lanes <= 5 ? 38 : lanes <= 8 ? 30 : lanes <= 16 ? 24 : 17;
}

// What the axes and lanes of a page are: pages of the same shape can be drawn by the same figures.
function shapeOf(page) {
  const runs = page.runs.map(({ title, backend, cores, processes, memory }) => [title, backend, cores, processes, Boolean(memory)]);
  return JSON.stringify([page.unit, page.hatches, page.lanes, runs]);
}

// The range of time of a page, in its unit.
function timeOf(page) {
  const end = page.span / page.scale, margin = end * 0.01;
  return { start: -margin, end: end + margin, bounds: [-margin, end + margin], min_interval: end * 1e-7 };
}

class Figures {
  constructor(page, runs) {
    Object.assign(this, { page, runs, shape: shapeOf(page) });
    this.heard = {}; // what is called: range(), width(), tap(event), move(chart, event), leave()
    this.time = bokeh("Range1d", { name: "time", ...timeOf(page) });
    const widths = runs.flatMap((run) => run.processes.map((name) => widthOf(cut(name, LONGEST))));
    this.left = 26 + 8 * Math.max(6, ...widths);
    this.crosshair = bokeh("Span", { dimension: "height", line_dash: "dotted", line_width: 1 });
    this.ticks = bokeh("BasicTicker");
    this.numbers = bokeh("BasicTickFormatter", { use_scientific: false });
    this.charts = new Map();
    runs.forEach((run, at) => this._lanes(at, run));
    CURVES.forEach((name) => this._curve(name));
    runs.forEach((run, at) => run.memory && this._memory(at));
  }

  // Draws all charts into their elements below `within`.
  async embed(within) {
    const { Document } = Bokeh.require("document");
    this.drawn = new Document();
    const elements = [];
    for (const [name, chart] of this.charts) {
      this.drawn.add_root(chart);
      elements.push(within.querySelector(`[data-chart="${name}"]`));
      chart.on_event("tap", (event) => this.heard.tap?.(event));
      chart.on_event("mousemove", (event) => this.heard.move?.(name, event));
      chart.on_event("mouseleave", () => this.heard.leave?.());
    }
    await Bokeh.embed.add_document_standalone(this.drawn, within, elements);
    this.named = new Map();
    for (const model of this.drawn._all_models.values()) if (model.name) this.named.set(model.name, model);
    this.time.change.connect(() => this.heard.range?.()); // at once, so that Bokeh paints but once
    this.model("lanes-0").properties.inner_width.change.connect(() => this.heard.width?.());
  }

  model(name) {
    return this.named.get(name);
  }

  all() {
    return this.drawn._all_models.values();
  }

  // Shows the whole time of a page of the same shape.
  renew(page) {
    this.time.setv(timeOf(page));
  }

  remove() {
    this.drawn.clear();
    const documents = Bokeh.documents ?? [], place = documents.indexOf(this.drawn);
    if (place >= 0) documents.splice(place, 1);
  }

  _lanes(at, run) {
    const lanes = Math.max(1, run.cores + Math.min(this.page.lanes, run.processes.length));
    const chart = this._chart(`lanes-${at}`, lanes * laneHeight(lanes), lanes, bokeh("FixedTicker", { ticks: [] }));
    this._bars(chart, `bars-${at}`);
    this._add(chart, `missed-${at}`, ["x", "y"], bokeh("Scatter", {
      x: { field: "x" }, y: { field: "y" }, marker: { value: "inverted_triangle" }, size: { value: 9 },
      fill_color: { value: this.page.missed }, line_color: { value: this.page.missed },
    }));
    this._words(chart, `words-${at}`);
  }

  // Addresses increase upwards, from 0 to 1 for all of memory.
  _memory(at) {
    const chart = this._chart(`memory-${at}`, MEMORY_HEIGHT, 1, bokeh("FixedTicker", { ticks: [] }));
    this._bars(chart, `stays-${at}`);
    this._words(chart, `stay-words-${at}`);
  }

  // One number over time: a line per run, dashed for a real run.
  _curve(name) {
    const ticker = bokeh("BasicTicker", { desired_num_ticks: 3, mantissas: [1, 2, 5], min_interval: 1 });
    const chart = this._chart(`curve-${name}`, CURVE_HEIGHT, 1, ticker);
    this.runs.forEach((run, at) => this._add(chart, `${name}-${at}`, ["x", "y"], bokeh("Line", {
      x: { field: "x" }, y: { field: "y" }, line_width: { value: 1.8 }, line_dash: { value: run.backend === "real" ? "dashed" : "solid" },
    })));
  }

  _chart(name, height, top, ticker) {
    const zoom = bokeh("WheelZoomTool", { dimensions: "width", modifiers: { ctrl: true }, zoom_on_axis: false });
    const pan = bokeh("PanTool", { dimensions: "width" });
    const crosshair = bokeh("CrosshairTool", { overlay: this.crosshair });
    const chart = bokeh("Plot", {
      name, title: null, x_scale: bokeh("LinearScale"), y_scale: bokeh("LinearScale"), x_range: this.time,
      y_range: bokeh("Range1d", { name: `range-${name}`, start: 0, end: top }),
      frame_height: height, height: height + AXIS_HEIGHT + TOP, sizing_mode: "stretch_width",
      min_border_top: TOP, min_border_right: 14, min_border_bottom: AXIS_HEIGHT, min_border_left: this.left,
      toolbar_location: null, lod_threshold: null, background_fill_color: null, border_fill_color: null,
    });
    chart.toolbar.setv({ tools: [zoom, pan, crosshair], active_scroll: zoom, active_drag: pan });
    const axis = { formatter: this.numbers, major_label_policy: bokeh("AllLabels") };
    chart.add_layout(bokeh("LinearAxis", { ...axis, ticker: this.ticks }), "below");
    chart.add_layout(bokeh("LinearAxis", { ...axis, ticker, name: `axis-${name}` }), "left");
    chart.add_layout(bokeh("Grid", { dimension: 0, ticker: this.ticks }));
    chart.add_layout(bokeh("Span", {
      dimension: "height", line_width: 2, level: "overlay", name: `cursor-${name}`, tags: ["cursor"],
    }));
    this.charts.set(name, chart);
    return chart;
  }

  // A renderer per pattern: Bokeh makes a pattern anew for each glyph of a renderer.
  _bars(chart, name) {
    this.page.hatches.forEach((hatch, place) => this._add(chart, `${name}-${place}`, BARS, bokeh("Quad", {
      left: { field: "left" }, right: { field: "right" }, bottom: { field: "bottom" }, top: { field: "top" },
      fill_color: { field: "fill" }, fill_alpha: { field: "alpha" }, line_color: { field: "line" }, line_width: { value: 0.7 },
      hatch_pattern: { value: hatch || null }, hatch_alpha: { value: 0.9 }, hatch_scale: { value: 9 },
    })));
  }

  // The names that the other scripts write into bars with enough room.
  _words(chart, name) {
    this._add(chart, name, ["x", "y", "text", "ink"], bokeh("Text", {
      x: { field: "x" }, y: { field: "y" }, text: { field: "text" }, text_color: { field: "ink" },
      text_font_size: { value: "12px" }, text_font_style: { value: "bold" },
      text_align: { value: "center" }, text_baseline: { value: "middle" },
    }));
  }

  // A glyph with an empty source, which is found by its name.
  _add(chart, name, columns, glyph) {
    const empty = Object.fromEntries(columns.map((column) => [column, []]));
    const data_source = bokeh("ColumnDataSource", { data: empty, name });
    chart.add_renderers(bokeh("GlyphRenderer", { data_source, glyph, view: bokeh("CDSView") }));
  }
}
