// A page document comes to life: the charts are made and filled, keys and buttons work.

const EVERY = 1000; // ms between two steps when it plays
const PAPER = 680; // pixels of an A4 or Letter sheet between the margins of page.css, and a few to spare
const PAPER_FONT = 10; // pixels: the font of a table on paper, as in page.css

const byId = (id) => document.getElementById(id);

class Player {
  constructor(panels, charts, page) {
    Object.assign(this, { panels, charts, page, timer: null });
    byId("slider").max = panels.times.length - 1;
  }

  go(step) {
    if (this.curtain && !this.curtain.allows(step, (to) => this._show(to))) {
      if (this.curtain.furthest < 0) this._tell(0, this.panels.times[0]);
      this.stop();
      return;
    }
    this._show(step);
  }

  _show(step) {
    const at = this.panels.go(step), last = this.panels.times.length - 1;
    byId("slider").value = this.panels.step;
    byId("slider").setAttribute("aria-valuetext", this.panels.time(at));
    this._tell(this.panels.step + 1, at);
    byId("first").disabled = byId("previous").disabled = this.panels.step === 0;
    byId("last").disabled = byId("next").disabled = this.panels.step === last;
    if (this.panels.step === last) this.stop();
  }

  _tell(n, at) {
    byId("where").textContent = tr("step {n} of {all} · {time}", { n, all: this.panels.times.length, time: this.panels.time(at) });
  }

  by(steps) {
    this.stop();
    this.go(this.panels.step + steps);
  }

  toggle() {
    if (this.timer) return this.stop();
    if (this.panels.step === this.panels.times.length - 1) this.go(0);
    this.timer = setInterval(() => this.go(this.panels.step + 1), EVERY);
    this._label();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this._label();
  }

  _label() {
    byId("play").textContent = this.timer ? tr("■ stop") : tr("▶ play");
    byId("play").setAttribute("aria-pressed", String(Boolean(this.timer)));
  }
}

function listen(player, charts, theme, signal) {
  const last = () => player.panels.times.length - 1;
  const about = () => {
    const x = player.panels.runs[0].instantAt(player.panels.times[player.panels.step]) / charts.page.scale;
    return x >= charts.time.start && x <= charts.time.end ? x : undefined;
  };
  const actions = {
    first: () => player.by(-player.panels.step), previous: () => player.by(-1), play: () => player.toggle(),
    next: () => player.by(1), last: () => player.by(last()), theme,
    "zoom-in": () => charts.zoom(1 / 2, about()), "zoom-out": () => charts.zoom(2, about()),
    whole: () => charts.show(charts.whole.start, charts.whole.end),
  };
  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action, { signal });
  byId("slider").addEventListener("input", (event) => player.by(Number(event.target.value) - player.panels.step), { signal });
  const keys = {
    ArrowLeft: actions.previous, ArrowRight: actions.next, Home: actions.first, End: actions.last, " ": actions.play,
    "+": actions["zoom-in"], "=": actions["zoom-in"], "-": actions["zoom-out"], "0": actions.whole, t: theme, T: theme,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(TYPED_INTO)) return;
    const panning = event.shiftKey && { ArrowLeft: -0.2, ArrowRight: 0.2 }[event.key];
    if (event.key === " " && event.target.closest?.("button, summary")) return;
    const action = panning ? () => charts.pan(panning) : keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }, { signal });
  charts.figures.heard.tap = (event) => player.by(player.panels.find(event.x * charts.page.scale) - player.panels.step);
}

// Makes tables that are wider than a sheet as small as the sheet needs: nothing can be scrolled there.
function fitTables(onPaper) {
  for (const table of document.querySelectorAll("table")) {
    table.style.zoom = "";
    if (!onPaper) continue;
    const size = parseFloat(getComputedStyle(table).fontSize);
    const width = (table.offsetWidth / size) * PAPER_FONT;
    if (width > PAPER) table.style.zoom = PAPER / width;
  }
}

const TYPED_INTO = "textarea, select, [contenteditable=true], input:not(#slider)"; // they have keys of their own
let shown; // what is shown: its figures, its player, and how to end what it listens to

// Shows a page document in the elements of this page, instead of the one before. Returns its player.
// `charts` is the HTML of the elements of the charts, if they are not on the page yet. A document of
// the same shape as the one before is drawn by the same figures, at the same step.
async function show(page, charts) {
  const before = shown, runs = page.runs.map((run) => new Run(run, page));
  before?.ended.abort();
  theLook.overhead = page.overhead;
  const renewed = before?.figures.shape === shapeOf(page);
  const figures = renewed ? before.figures : await newFigures(page, runs, charts, before);
  if (renewed) {
    if (charts) renewHeadings(charts);
    figures.renew(page);
  }
  const ended = new AbortController();
  const player = play(page, runs, figures, ended.signal, renewed);
  shown = { figures, player, ended };
  player.go(renewed ? before.player.panels.step : 0);
  document.body.dataset.ready = "yes";
  return player;
}

async function newFigures(page, runs, charts, before) {
  before?.figures.remove();
  if (charts) byId("charts").innerHTML = charts;
  const figures = new Figures(page, runs);
  await figures.embed(byId("charts"));
  return figures;
}

function renewHeadings(charts) {
  const made = document.createElement("template");
  made.innerHTML = charts;
  const given = made.content.querySelectorAll("h2");
  byId("charts").querySelectorAll("h2").forEach((heading, at) => { heading.innerHTML = given[at].innerHTML; });
}

// Fills the figures, and makes keys and buttons work until the signal. Returns the player.
function play(page, runs, figures, signal, renewed) {
  const charts = new Charts(page, runs, figures);
  const theme = (dark) => {
    setTheme(typeof dark === "boolean" ? dark : root.dataset.theme !== "dark");
    paint(charts);
  };
  if (renewed) charts.draw();
  else paint(charts);
  const player = new Player(new Panels(page, runs, charts), charts, page);
  if (page.curtain) player.curtain = new Curtain(player.panels, charts);
  listen(player, charts, theme, signal);
  new Hover(charts, signal);
  signal.addEventListener("abort", () => {
    player.stop();
    figures.heard = {};
  });
  darkly.addEventListener("change", (event) => theme(event.matches), { signal });
  let before;
  window.addEventListener("beforeprint", () => {
    before = root.dataset.theme === "dark";
    theme(false);
    for (const view of Bokeh.index.roots) view.repaint?.(); // now: what is on paper does not wait
    fitTables(true);
  }, { signal });
  window.addEventListener("afterprint", () => {
    theme(before);
    fitTables(false);
  }, { signal });
  runs.forEach((run, at) => {
    if (run.memory) byId(`memory-note-${at}`).textContent = run.memory.words;
  });
  return player;
}
