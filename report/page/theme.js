// Light and dark: the style sheet's colours, and the same for the charts.

const root = document.documentElement;
const darkly = window.matchMedia("(prefers-color-scheme: dark)");

function theLook() {
  const style = getComputedStyle(root), of = (name) => style.getPropertyValue(`--${name}`).trim();
  return { paper: of("paper"), ink: of("ink"), soft: of("soft"), line: of("line"), mid: of("mid"), accent: of("accent"), overhead: theLook.overhead };
}

function setTheme(dark) {
  root.dataset.theme = dark ? "dark" : "light";
}

// Bokeh's models in the colours of the style sheet.
function paint(charts) {
  const look = theLook();
  for (const model of charts.figures.all()) {
    const names = {
      Plot: { outline_line_color: look.line },
      LinearAxis: {
        major_label_text_color: look.ink, axis_line_color: look.soft, major_tick_line_color: look.soft,
        minor_tick_line_color: null, major_label_text_font_size: "13px",
      },
      Grid: { grid_line_color: look.line, grid_line_alpha: 0.6 },
      Span: { line_color: model.tags?.includes("cursor") ? look.accent : look.soft },
      Quad: { hatch_color: { value: look.mid } },
      Line: { line_color: { value: look.mid } },
    }[model.type];
    if (names) model.setv(names);
  }
  charts.draw();
}

if (!root.dataset.theme) setTheme(darkly.matches);
