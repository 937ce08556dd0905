// Files that the browser saves: texts, the page of the run, a picture of the charts.

const LEFT = 12; // pixels of paper around the charts
const HEAD = 30; // pixels for the title

export function save(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// The page that `simulate --html` writes: Bokeh's script is put where the model has left room for it.
export async function wholePage({ page, library }) {
  const script = await (await fetch("bokeh.js")).text();
  return page.split(library).join(script);
}

// A PNG of the charts as they are on the page, below each other.
export async function picture(within, title) {
  const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const charts = [...within.querySelectorAll("[data-chart]")].map((place) => ({
    heading: place.parentElement.querySelector("h2")?.textContent ?? "",
    canvas: chartOf(place),
  })).filter(({ canvas }) => canvas);
  const scale = devicePixelRatio, made = document.createElement("canvas"), pen = made.getContext("2d");
  made.width = Math.max(...charts.map(({ canvas }) => canvas.width)) + 2 * LEFT * scale;
  made.height = charts.reduce((sum, { canvas }) => sum + canvas.height + HEAD * scale, HEAD * scale);
  pen.fillStyle = colour("paper");
  pen.fillRect(0, 0, made.width, made.height);
  const write = (text, size, top) => {
    pen.fillStyle = colour("ink");
    pen.font = `600 ${size * scale}px system-ui, sans-serif`;
    pen.fillText(text, LEFT * scale, top);
  };
  write(title, 16, 20 * scale);
  let top = HEAD * scale;
  for (const { heading, canvas } of charts) {
    write(heading, 13, top + 20 * scale);
    pen.drawImage(canvas, LEFT * scale, top + HEAD * scale);
    top += canvas.height + HEAD * scale;
  }
  return new Promise((resolve) => { made.toBlob(resolve, "image/png"); });
}

function chartOf(place) {
  const view = [...Bokeh.index.roots].find((each) => place.contains(each.el));
  return view?.export("png", false).canvas;
}
