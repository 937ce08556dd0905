// The playground: an editor, the model, and three views of what the model says.

import { Model } from "./model.js"; // the first: it loads while the rest of the page does
import { completer } from "./completion.js";
import { Curve } from "./curve.js";
import { Editor } from "./editor.js";
import { language, listen, opened, scenarios } from "./language.js";
import { packed, unpacked } from "./permalink.js";
import { Predict } from "./predict.js";
import { show, tr, trN } from "./renderer.js";
import { picture, save, wholePage } from "./saving.js";
import { Sliders } from "./sliders.js";
import { Tabs } from "./tabs.js";

const CHECKED = 20; // ms without a keystroke, after which a text is checked
const PAUSE = 150; // ms without a keystroke, after which it is run
const FIRST = "scenarios/lessons/overlap.yaml";
const FILES = { "tab-scenario": "scenario.yaml", "tab-policy": "mine.py" };
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
    this.view = "view-run";
    this.wanted = this.busy = false; // see `later`
    this.round = 0; // of showing runs: see `_run`
    this.model = new Model((state) => this._modelIs(state));
    this.schema = null;
    this.editor = new Editor(byId("editor"), {
      changed: () => this._typed(), run: () => this.later(0),
      complete: completer(async () => (this.schema ??= (await this.model.ask({ do: "schema", language })).schema)),
    });
    this.sliders = new Sliders(byId("sliders"), () => this.editor.text("scenario.yaml"), (from, to, text) => {
      this.editor.replace("scenario.yaml", from, to, text);
      this.later(0);
    });
    const shared = { ask: (question) => this._asked(question), question: () => this.question, say: (text, failed) => this.say(text, failed) };
    this.views = { "view-run": { refresh: () => this._run() }, "view-predict": new Predict(shared), "view-curve": new Curve(shared) };
    this.editor.put("mine.py", POLICY);
    this._list(entries);
    this._listen();
  }

  _modelIs(state) {
    if (state === "loading") this.say(tr("The model is being loaded …"));
    else if (state === "ready") this.say("");
    else this.say(state, true);
  }

  say(text, failed = false) {
    byId("status").textContent = text;
    byId("status").className = failed ? "failed" : "";
  }

  // -- scenarios ---------------------------------------------------------------------------------

  _list(entries) {
    const groups = new Map();
    for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
    byId("catalogue").replaceChildren(new Option(tr("a scenario …"), ""), ...[...groups].map(([label, members]) => {
      const group = document.createElement("optgroup");
      group.label = label;
      group.append(...members.map((entry) => new Option(entry.title, entry.path)));
      return group;
    }));
  }

  find(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    this._list(this.entries.filter((entry) => {
      const text = `${entry.path} ${entry.group} ${entry.words}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    }));
    const first = byId("catalogue").options[1];
    if (!wanted.length) return;
    const number = byId("catalogue").options.length - 1;
    this.say(first ? tr("{number} found, like {title}: Enter opens it, and Open lists all.", { number, title: first.text }) : tr("Nothing is found."));
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
    this.tab("tab-scenario");
    this.later(0);
  }

  // -- checking and running ----------------------------------------------------------------------

  _typed() {
    clearTimeout(this.checking);
    this.checking = setTimeout(() => this._check(), CHECKED);
    this.later(PAUSE);
  }

  async _check() {
    try {
      const text = this.editor.text(this.editor.name);
      const answer = await this.model.ask({ do: "check", ...this.question });
      if (text === this.editor.text(this.editor.name)) this._problems(answer.problems);
    } catch { /* the run says it */ }
  }

  // Renews what the view shows, once more than it is under way.
  later(pause) {
    this.wanted = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._renew(), pause);
  }

  async _renew() {
    if (this.busy || !this.wanted) return;
    this.busy = true;
    while (this.wanted) {
      this.wanted = false;
      this.sliders.show(this.editor.text("scenario.yaml"));
      try {
        this._problems((await this.views[this.view].refresh()) ?? []);
      } catch (error) {
        this.say(error.message, true);
      }
    }
    this.busy = false;
  }

  get question() {
    const files = { [this.file]: this.editor.text("scenario.yaml") };
    const policy = this.editor.text("mine.py");
    const beside = this.file.includes("/") ? this.file.replace(/[^/]*$/, "mine.py") : "mine.py";
    if (policy.trim()) Object.assign(files, { [beside]: policy, "mine.py": policy, [this.policyFile]: policy });
    const policies = byId("policies").value.split(",").map((name) => name.trim()).filter(Boolean);
    const shipped = this.entries.find(({ path }) => path === this.file)?.text; // its expectations are of this text
    const changed = shipped !== undefined && shipped !== files[this.file];
    return { file: this.file, files, language, ...(policies.length ? { policies } : {}), ...(changed ? { shipped } : {}) };
  }

  async _asked(question) {
    try {
      return await this.model.ask(question);
    } catch (error) {
      return { problems: [{ file: "", line: null, column: null, message: error.message }] };
    }
  }

  // Simulates and shows the run. Returns the problems of the scenario.
  async _run() {
    await this.model.ready;
    const began = performance.now(), round = this.round;
    const answer = await this.model.ask({ do: "simulate", ...this.question });
    if (answer.problems || round !== this.round) return answer.problems ?? []; // a real run is shown by now
    const { page } = answer;
    byId("opening").innerHTML = page.opening; // made by report.page, which escapes what the scenario says
    byId("closing").innerHTML = page.closing;
    byId("result").hidden = false;
    await show(page.document, page.charts);
    this.say(answer.remarks.join(" "));
    byId("took").textContent = tr("Simulated and drawn in {time} ms.", { time: Math.round(performance.now() - began) });
    return [];
  }

  _problems(problems) {
    const here = this.editor.name === "mine.py" ? (file) => file.endsWith(".py") : (file) => !file.endsWith(".py");
    this.editor.mark(problems.filter(({ file }) => here(file)));
    byId("problems").replaceChildren(...problems.slice(0, 20).map((problem) => {
      const item = document.createElement("li"), button = document.createElement("button");
      const { line, message } = problem;
      button.textContent = line ? tr("line {line}: {message}", { line, message }) : message;
      button.addEventListener("click", () => {
        this.tab(problem.file.endsWith(".py") ? "tab-policy" : "tab-scenario");
        this.editor.go(problem);
      });
      item.append(button);
      return item;
    }));
    const before = byId("status").dataset.problems === "yes";
    byId("status").dataset.problems = problems.length ? "yes" : "no";
    if (problems.length) this.say(trN("One problem:", "{n} problems:", problems.length), true);
    else if (before) this.say("");
  }

  // -- the rest of the page ----------------------------------------------------------------------

  tab(id) {
    this.tabs.show(id);
    byId("editor").setAttribute("aria-labelledby", id);
    this.editor.show(FILES[id]);
  }

  look(id) {
    this.view = id;
    this.looks.show(id);
    for (const panel of document.querySelectorAll("#result > [role=tabpanel]")) panel.hidden = panel.getAttribute("aria-labelledby") !== id;
    this.later(0);
  }

  async share() {
    const policy = this.editor.text("mine.py"), own = byId("policies").value + this.editor.text("scenario.yaml");
    const content = { scenario: this.editor.text("scenario.yaml"), ...(own.includes("mine.py") ? { policy } : {}) };
    const link = `${location.origin}${location.pathname}#s=${await packed(content)}`;
    history.replaceState(null, "", link);
    try {
      await navigator.clipboard.writeText(link);
      this.say(tr("The link is on the clipboard. It holds the scenario itself."));
    } catch {
      this.say(tr("The link is in the address bar. It holds the scenario itself."));
    }
  }

  async save(kind) {
    if (kind === "yaml") save("scenario.yaml", this.editor.text("scenario.yaml"));
    if (kind === "policy") save("mine.py", this.editor.text("mine.py"));
    if (kind === "picture") save("run.png", await picture(byId("charts"), document.querySelector("#opening h1")?.textContent ?? ""));
    if (kind !== "json" && kind !== "page") return;
    const answer = await this._asked({ do: kind === "json" ? "document" : "page", ...this.question });
    if (answer.problems) this._problems(answer.problems);
    else if (kind === "json") save("run.json", answer.document);
    else save("run.html", await wholePage(answer));
  }

  // What is in the editor, to be opened again when the page is loaded in another language.
  get work() {
    const { file, policyFile, editor } = this;
    return { file, policyFile, scenario: editor.text("scenario.yaml"), policy: editor.text("mine.py"), policies: byId("policies").value };
  }

  set work({ file, policyFile, scenario, policy, policies }) {
    byId("policies").value = policies;
    Object.assign(this, { file, policyFile });
    this.put(scenario, policy);
    byId("catalogue").value = file;
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
    this.tabs = new Tabs(byId("files"), (id) => this.tab(id));
    this.looks = new Tabs(byId("views"), (id) => this.look(id));
    byId("run").addEventListener("click", () => this.later(0));
    byId("share").addEventListener("click", () => this.share());
    byId("download").addEventListener("click", () => byId("saving").showModal());
    byId("saving").addEventListener("close", () => this.save(byId("saving").returnValue));
    byId("search").addEventListener("input", (event) => this.find(event.target.value));
    byId("search").addEventListener("keydown", ({ key, target }) => {
      if (key === "Enter" && target.value.trim()) this.open(byId("catalogue").options[1]?.value);
    });
    byId("catalogue").addEventListener("change", (event) => this.open(event.target.value));
    byId("policies").addEventListener("change", () => this.later(0));
    addEventListener("hashchange", () => this.link());
    listen(() => this.work);
  }
}

const playground = new Playground(await scenarios());
const before = opened();
await playground.link();
if (before) playground.work = before;
if (!("local" in document.body.dataset)) { // what the service worker keeps is read again: after the first picture
  playground.model.ready.then(() => setTimeout(() => navigator.serviceWorker?.register("service-worker.js"), 1000)).catch(() => {});
}
window.playground = Object.assign(playground, { before });
