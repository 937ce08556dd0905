// What is under the pointer, from the record itself: exact even where bars are drawn together.

class Hover {
  constructor(charts, signal) {
    this.box = element("dl");
    this.box.id = "hover";
    signal.addEventListener("abort", () => this.box.remove());
    this.box.hidden = true;
    this.box.setAttribute("role", "tooltip");
    document.body.append(this.box);
    charts.runs.forEach((run, at) => {
      this._on(charts, `lanes-${at}`, (x, y) => charts.lanes[at].told(y, x));
      if (run.memory) this._on(charts, `memory-${at}`, (x, y) => memoryTold(run, y, x));
    });
    document.addEventListener("scroll", () => { this.box.hidden = true; }, { signal });
  }

  _on(charts, name, told) {
    const chart = charts.model(name);
    chart.on_event("mousemove", (event) => this._show(told(event.x * charts.page.scale, event.y)));
    chart.on_event("mouseleave", () => { this.box.hidden = true; });
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
