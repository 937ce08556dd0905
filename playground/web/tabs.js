// A list of tabs: by pointer, or by the arrow keys once one of them has the focus.

export class Tabs {
  // `chosen(id)` is called when the user chooses another tab.
  constructor(list, chosen) {
    this.tabs = [...list.querySelectorAll("[role=tab]")];
    for (const tab of this.tabs) tab.addEventListener("click", () => chosen(tab.id));
    list.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation(); // elsewhere on the page the arrows step through the run
      const at = this.tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
      const next = this.tabs[(at + by + this.tabs.length) % this.tabs.length];
      chosen(next.id);
      next.focus();
    });
  }

  // Shows which tab is chosen.
  show(id) {
    for (const tab of this.tabs) {
      tab.setAttribute("aria-selected", String(tab.id === id));
      tab.tabIndex = tab.id === id ? 0 : -1;
    }
  }
}
