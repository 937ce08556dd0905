// What is under the pointer, from the record itself: exact even where bars are drawn together.

class Hover {
  constructor(charts, signal) {
    this.box = element("dl");
    this.box.id = "hover";
    signal.addEventListener("abort", () => this.box.remove());
    this.box.hidden = true;
    this.box.setAttribute("role", "tooltip");
    document.body.append(this.box);
    const told = new Map(); // by chart: what is under a point of it
    charts.runs.forEach((run, at) => {
      told.set(`lanes-${at}`, (x, y) => charts.lanes[at].told(y, x));
      if (run.memory) told.set(`memory-${at}`, (x, y) => memoryTold(run, y, x));
    });
    Object.assign(charts.figures.heard, {
      move: (chart, event) => this._show(told.get(chart)?.(event.x * charts.page.scale, event.y)),
      leave: () => { this.box.hidden = true; },
    });
    document.addEventListener("scroll", () => { this.box.hidden = true; }, { signal });
  }

  _show(facts) {
    this.box.hidden = !facts;
    if (!facts) return;
    this.box.replaceChildren(...facts.flatMap(([label, value]) => [element("dt", "", label), element("dd", "", String(value))]));
    const { width, height } = this.box.getBoundingClientRect(), gap = 14;
    const left = pointer.x + gap + width > innerWidth ? pointer.x - gap - width : pointer.x + gap;
    const top = pointer.y + gap + height > innerHeight ? pointer.y - gap - height : pointer.y + gap;
    this.box.style.translate = `${Math.max(0, left)}px ${Math.max(0, top)}px`;
  }
}

const pointer = { x: 0, y: 0 };
document.addEventListener("pointermove", (event) => {
  pointer.x = event.clientX;
  pointer.y = event.clientY;
}, { capture: true, passive: true });
