// The playground: an editor, the model, and the page of the run.

import { completer } from "./completion.js";
import { Editor } from "./editor.js";
import { Model } from "./model.js";
import { packed, unpacked } from "./permalink.js";
import { show } from "./renderer.js";
import { Sliders } from "./sliders.js";

const PAUSE = 120; // ms without a keystroke, after which a text is checked and run
const FIRST = "scenarios/lessons/overlap.yaml";
const POLICY = `from collections import deque

from kernel.scheduling import Duration, Policy, ms


class Mine(Policy):
    """Every ready process in turn."""

    quantum: Duration = ms(10)

    def setup(self):
        self.queue = deque()

    def ready(self, process, why):
        self.queue.append(process)

    def pick(self, core):
        if self.queue:
            return self.queue.popleft(), self.quantum
`;
const byId = (id) => document.getElementById(id);

class Playground {
  constructor(entries) {
    this.entries = entries;
    this.file = "scenario.yaml"; // the name under which the model reads the scenario
    this.policyFile = "mine.py"; // a further name under which the model finds the policy
    this.round = 0; // of running: only the last one is shown
    this.model = new Model((state) => this._modelIs(state));
    this.schema = null;
    this.editor = new Editor(byId("editor"), {
      changed: () => this.later(), run: () => this.run(),
      complete: completer(async () => (this.schema ??= (await this.model.ask({ do: "schema" })).schema)),
    });
    this.sliders = new Sliders(byId("sliders"), (from, to, text) => {
      this.editor.view.dispatch({ changes: { from, to, insert: text } });
    });
    this.editor.put("mine.py", POLICY);
    this._list(entries);
    this._listen();
  }

  _modelIs(state) {
    if (state === "loading") this.say("The model is being loaded …");
    else if (state === "ready") this.say("");
    else this.say(state, true);
  }

  say(text, failed = false) {
    byId("status").textContent = text;
    byId("status").className = failed ? "failed" : "";
  }

  // -- scenarios ---------------------------------------------------------------------------------

  _list(entries) {
    const groups = Map.groupBy ? Map.groupBy(entries, (entry) => entry.group) : grouped(entries);
    byId("catalogue").replaceChildren(new Option("a scenario …", ""), ...[...groups].map(([label, members]) => {
      const group = document.createElement("optgroup");
      group.label = label;
      group.append(...members.map((entry) => new Option(entry.title, entry.path)));
      return group;
    }));
  }

  find(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    this._list(this.entries.filter((entry) => {
      const text = `${entry.path} ${entry.title} ${entry.about} ${entry.group}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    }));
    const first = byId("catalogue").options[1];
    if (wanted.length && first) this.say(`${byId("catalogue").options.length - 1} found, like ${first.text}`);
  }

  open(path) {
    const entry = this.entries.find((each) => each.path === path);
    if (!entry) return;
    this.file = entry.path;
    this.put(entry.text);
    byId("catalogue").value = path;
    history.replaceState(null, "", `#open=${encodeURIComponent(path)}`);
  }

  put(scenario, policy) {
    if (policy !== undefined) this.editor.put("mine.py", policy);
    this.editor.put("scenario.yaml", scenario);
    this.tab("scenario.yaml");
    this.run();
  }

  // -- checking and running ----------------------------------------------------------------------

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), PAUSE);
  }

  get question() {
    const files = { [this.file]: this.editor.text("scenario.yaml") };
    const policy = this.editor.text("mine.py");
    const beside = this.file.includes("/") ? this.file.replace(/[^/]*$/, "mine.py") : "mine.py";
    if (policy.trim()) Object.assign(files, { [beside]: policy, "mine.py": policy, [this.policyFile]: policy });
    const policies = byId("policies").value.split(",").map((name) => name.trim()).filter(Boolean);
    return { file: this.file, files, ...(policies.length ? { policies } : {}) };
  }

  async run() {
    clearTimeout(this.timer);
    const round = ++this.round;
    this.sliders.show(this.editor.text("scenario.yaml"));
    try {
      const began = performance.now(), answer = await this.model.ask({ do: "simulate", ...this.question });
      if (round !== this.round) return;
      this._problems(answer.problems ?? []);
      if (answer.problems) return;
      await this._show(answer.page);
      const remarks = answer.remarks.join(" ");
      this.say(`${remarks} Simulated in ${Math.round(performance.now() - began)} ms.`.trim());
    } catch (error) {
      if (round === this.round) this.say(error.message, true);
    }
  }

  async _show(page) {
    byId("opening").innerHTML = page.opening; // made by report.page, which escapes what the scenario says
    byId("charts").innerHTML = page.charts;
    byId("closing").innerHTML = page.closing;
    byId("result").hidden = false;
    await show(page.document);
  }

  _problems(problems) {
    const here = this.editor.name === "mine.py" ? (file) => file.endsWith(".py") : (file) => !file.endsWith(".py");
    this.editor.mark(problems.filter(({ file }) => here(file)));
    byId("problems").replaceChildren(...problems.slice(0, 20).map((problem) => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.textContent = problem.line ? `line ${problem.line}: ${problem.message}` : problem.message;
      button.addEventListener("click", () => {
        this.tab(problem.file.endsWith(".py") ? "mine.py" : "scenario.yaml");
        this.editor.go(problem);
      });
      item.append(button);
      return item;
    }));
    if (problems.length) this.say(problems.length === 1 ? "One problem:" : `${problems.length} problems:`, true);
  }

  // -- the rest of the page ----------------------------------------------------------------------

  tab(name) {
    for (const [id, file] of [["tab-scenario", "scenario.yaml"], ["tab-policy", "mine.py"]]) {
      byId(id).setAttribute("aria-selected", String(file === name));
    }
    this.editor.show(name);
  }

  async share() {
    const policy = this.editor.text("mine.py"), own = byId("policies").value + this.editor.text("scenario.yaml");
    const content = { scenario: this.editor.text("scenario.yaml"), ...(own.includes("mine.py") ? { policy } : {}) };
    const link = `${location.origin}${location.pathname}#s=${await packed(content)}`;
    history.replaceState(null, "", link);
    try {
      await navigator.clipboard.writeText(link);
      this.say("The link is on the clipboard. It holds the scenario itself.");
    } catch {
      this.say("The link is in the address bar. It holds the scenario itself.");
    }
  }

  async save(kind) {
    if (kind === "yaml") save("scenario.yaml", this.editor.text("scenario.yaml"));
    if (kind === "policy") save("mine.py", this.editor.text("mine.py"));
    if (kind === "json") {
      const answer = await this.model.ask({ do: "document", ...this.question });
      if (answer.problems) this._problems(answer.problems);
      else save("run.json", answer.document);
    }
  }

  async link() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (given.has("s")) {
      try {
        const { scenario, policy } = await unpacked(given.get("s"));
        this.file = "scenario.yaml";
        return this.put(scenario, policy);
      } catch (error) {
        this.say(error.message, true);
      }
    }
    this.open(given.get("open") ?? FIRST);
    if (this.editor.name === "") this.open(FIRST);
  }

  _listen() {
    byId("run").addEventListener("click", () => this.run());
    byId("share").addEventListener("click", () => this.share());
    byId("download").addEventListener("click", () => byId("saving").showModal());
    byId("saving").addEventListener("close", () => this.save(byId("saving").returnValue));
    byId("search").addEventListener("input", (event) => this.find(event.target.value));
    byId("catalogue").addEventListener("change", (event) => this.open(event.target.value));
    byId("policies").addEventListener("change", () => this.run());
    byId("tab-scenario").addEventListener("click", () => this.tab("scenario.yaml"));
    byId("tab-policy").addEventListener("click", () => this.tab("mine.py"));
    addEventListener("hashchange", () => this.link());
  }
}

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return groups;
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const entries = await (await fetch("catalogue.json")).json();
const playground = new Playground(entries);
await playground.link();
if (!("local" in document.body.dataset)) navigator.serviceWorker?.register("service-worker.js");
window.playground = playground;
