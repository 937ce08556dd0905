// A curve over one number: the model is run at several values of it, several times each.

import { bokeh, theLook, tr } from "./renderer.js";

const HEIGHT = 260;
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const byId = (id) => document.getElementById(id);

export class Curve {
  constructor({ ask, question, say }) {
    Object.assign(this, { ask, question, say, drawn: [] });
    byId("curve-key").addEventListener("change", () => this._values());
    byId("curve-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
  }

  // Lists the numbers of the scenario. Returns its problems.
  async refresh() {
    const found = await this.ask({ do: "numbers", ...this.question() });
    if (found.problems) return found.problems;
    const before = byId("curve-key").value, listed = JSON.stringify(found);
    if (listed === this.listed) return [];
    this.listed = listed;
    this.keys = found.keys;
    const own = found.own ? [new Option(tr("as the file's experiment says"), "")] : [];
    byId("curve-key").replaceChildren(...own, ...found.keys.map(({ key, label }) => new Option(label, key)));
    if ([...byId("curve-key").options].some(({ value }) => value === before)) byId("curve-key").value = before;
    byId("curve-measure").replaceChildren(new Option(tr("the usual ones"), ""), ...found.measures.map((name) => new Option(name, name)));
    this._values();
    return [];
  }

  _values() {
    const chosen = this.keys.find(({ key }) => key === byId("curve-key").value);
    byId("curve-values").value = chosen?.values ?? "";
    for (const id of ["curve-values", "curve-measure", "curve-repeat"]) byId(id).disabled = !chosen;
  }

  async run() {
    this.say(tr("The model runs at each value …"));
    const answer = await this.ask({
      do: "curve", ...this.question(), key: byId("curve-key").value, values: byId("curve-values").value,
      measure: byId("curve-measure").value, repeat: Number(byId("curve-repeat").value),
    });
    if (answer.problems) return this.say(answer.problems.map(({ message }) => message).join(" "), true);
    this.say("");
    byId("curve-said").textContent = answer.said;
    byId("curve-table").innerHTML = answer.table; // made by experiments.shown, which escapes what the scenario says
    await this._draw(answer.charts);
  }

  async _draw(charts) {
    for (const document of this.drawn) {
      document.clear();
      Bokeh.documents.splice(Bokeh.documents.indexOf(document), 1);
    }
    this.drawn = [];
    byId("curve-charts").replaceChildren();
    for (const chart of charts) {
      const section = document.createElement("section"), place = document.createElement("div");
      section.innerHTML = chart.heading;
      section.append(place);
      byId("curve-charts").append(section);
      if (chart.x) await this._chart(chart, place);
    }
  }

  async _chart({ x, series, lines }, place) {
    const { Document } = Bokeh.require("document"), drawn = new Document(), plot = plotOf(x);
    series.forEach(({ name, points }, at) => {
      const source = () => bokeh("ColumnDataSource", { data: Object.fromEntries(["x", "y", "low", "high"].map((key, column) => [key, points.map((point) => point[column])])) });
      const colour = { value: COLOURS[at % COLOURS.length] };
      const add = (kind, properties) => plot.add_renderers(bokeh("GlyphRenderer", { data_source: source(), view: bokeh("CDSView"), glyph: bokeh(kind, { x: { field: "x" }, ...properties }) }));
      if (lines) {
        add("VArea", { y1: { field: "low" }, y2: { field: "high" }, fill_color: colour, fill_alpha: { value: 0.2 } });
        add("Line", { y: { field: "y" }, line_color: colour, line_width: { value: 2 } });
      }
      add("Scatter", { y: { field: "y" }, size: { value: 7 }, fill_color: colour, line_color: colour });
      if (name) place.before(legendOf(name, colour.value));
    });
    drawn.add_root(plot);
    this.drawn.push(drawn);
    await Bokeh.embed.add_document_standalone(drawn, place, [place]);
  }
}

function plotOf({ title, logarithmic }) {
  const look = theLook(), kind = logarithmic ? "Log" : "Linear";
  const plot = bokeh("Plot", {
    title: null, height: HEIGHT, sizing_mode: "stretch_width", toolbar_location: null, background_fill_color: null, border_fill_color: null,
    outline_line_color: look.line, x_scale: bokeh(`${kind}Scale`), y_scale: bokeh("LinearScale"), x_range: bokeh("DataRange1d"), y_range: bokeh("DataRange1d"),
  });
  const axis = { axis_line_color: look.mid, major_tick_line_color: look.mid, minor_tick_line_color: null, major_label_text_color: look.mid, axis_label_text_color: look.mid, major_label_text_font_size: "13px" };
  const numbers = () => bokeh("BasicTickFormatter", { use_scientific: false }), ticker = bokeh("BasicTicker");
  plot.add_layout(bokeh("LinearAxis", { ...axis, ticker: logarithmic ? bokeh("LogTicker", { mantissas: [1, 2, 5] }) : ticker, formatter: numbers(), axis_label: title, axis_label_text_font_style: "normal" }), "below");
  plot.add_layout(bokeh("LinearAxis", { ...axis, ticker: bokeh("BasicTicker"), formatter: numbers() }), "left");
  plot.add_layout(bokeh("Grid", { dimension: 1, ticker: bokeh("BasicTicker"), grid_line_color: look.mid, grid_line_alpha: 0.25 }));
  return plot;
}

function legendOf(name, colour) {
  const item = document.createElement("p"), mark = document.createElement("span");
  item.className = "series";
  mark.style.background = colour;
  item.append(mark, name);
  return item;
}
