// The page of a run below a cell. The renderer is the page without a run: one cell of the notebook
// has brought it, and the notebook's window holds it, packed, by its name.

const HEIGHT = 640; // pixels: a page that is higher is scrolled
const PATIENCE = 3000; // ms without a renderer until the page says what it waits for

const textOf = (id) => document.getElementById(id).textContent;

// The packed renderer, as soon as a cell of the notebook has brought it.
async function rendererOf(notebook, name, frame) {
  const brought = textOf("renderer");
  if (brought) {
    notebook[name] = brought;
    notebook.dispatchEvent(new Event(name));
  } else if (!notebook[name]) {
    const saying = setTimeout(() => { frame.style.height = "4rem"; }, PATIENCE);
    await new Promise((seen) => notebook.addEventListener(name, seen, { once: true }));
    clearTimeout(saying);
  }
  return notebook[name];
}

// Draws the page in place of this document. Then what stands above it, the plain table, is hidden.
async function drawn(name) {
  const frame = window.frameElement, table = frame.previousElementSibling;
  const filling = await unpacked(textOf("filling"));
  const { pieces, common } = await unpacked(await rendererOf(window.parent, name, frame));
  const values = { ...common, ...filling };
  frame.style.height = `${HEIGHT}px`;
  document.open();
  document.write(pieces.map((each, at) => (at % 2 ? values[each] : each)).join(""));
  document.close();
  new ResizeObserver(() => {
    if (document.body.dataset.ready) table.hidden = true;
    frame.style.height = `${Math.min(HEIGHT, document.documentElement.scrollHeight)}px`;
  }).observe(document.body);
}
