// The files of the folder in which the server was started: a scenario is opened, changed and saved.

import { tr } from "./renderer.js";
import { request } from "./request.js";

const POLICY = "mine.py";
const FIRST = new URLSearchParams(location.hash.slice(1)).get("file"); // read before the front end opens another one
const path = (name) => `files/${encodeURIComponent(name)}`; // whole: a browser would follow "../" itself

export class Files {
  constructor(playground) {
    this.playground = playground;
    this.versions = new Map(); // by name: what was opened or saved last, as the server calls it
    this.list = document.createElement("select");
    this.list.id = "folder-files";
    addEventListener("focus", () => this.look()); // of the window: another program may have made files
    this.list.addEventListener("change", () => this.list.value && this.open(this.list.value));
    this.said = document.createElement("p"); // apart from the page's status, which the next run replaces
    Object.assign(this.said, { id: "folder-said", className: "note", role: "status" });
    document.getElementById("status").after(this.said);
    const label = document.createElement("label"), button = document.createElement("button");
    label.append(tr("File"), " ", this.list);
    Object.assign(button, { id: "keep", textContent: tr("Keep"), title: tr("save the text into a file of the folder"), onclick: () => this.keep() });
    document.getElementById("catalogue").closest("label").after(label);
    document.getElementById("download").before(button);
    this.begin();
  }

  say(text, failed = false) {
    this.said.textContent = text;
    this.said.classList.toggle("failed", failed);
  }

  async begin() {
    await this.look();
    if (FIRST) await this.open(FIRST);
    else if (this.has(POLICY)) await this._tried(() => this._openPolicy(POLICY));
    if (this.playground.before) this.playground.work = this.playground.before; // from another language of the page
    if (!FIRST) this._tab("scenario.yaml");
  }

  async _tried(work) {
    try {
      return await work();
    } catch (error) {
      this.say(error.message, true);
    }
  }

  async look() {
    await this._tried(async () => {
      const { folder, files } = await request("files");
      const before = this.list.value;
      this.list.replaceChildren(new Option(tr("in {folder} …", { folder: folder || "/" }), ""), ...files.map((name) => new Option(name, name)));
      this.list.value = files.includes(before) ? before : "";
    });
  }

  _tab(name) {
    document.getElementById(name === POLICY ? "tab-policy" : "tab-scenario").click();
  }

  has(name) {
    return [...this.list.options].some(({ value }) => value === name);
  }

  async open(name) {
    await this._tried(async () => {
      const { text, version } = await request(path(name));
      this.versions.set(name, version);
      if (name.endsWith(".py")) return this._openPolicy(name, text);
      this.playground.file = name;
      const beside = name.replace(/[^/]*$/, POLICY);
      this.playground.policyFile = beside;
      if (this.has(beside)) await this._openPolicy(beside);
      this.playground.put(text);
      document.getElementById("catalogue").value = "";
      this.list.value = name;
      history.replaceState(null, "", `#file=${encodeURIComponent(name)}`);
      this.say(tr("{file} is open.", { file: name }));
    });
  }

  async _openPolicy(name, text) {
    if (text === undefined) {
      const opened = await request(path(name));
      this.versions.set(name, opened.version);
      text = opened.text;
    }
    this.playground.policyFile = name;
    this.playground.editor.put(POLICY, text);
    this._tab(POLICY);
    this.list.value = name;
  }

  // Saves the text that is shown, under the name that the user gives.
  async keep() {
    const { editor, file } = this.playground, isPolicy = editor.name === POLICY;
    const offered = isPolicy ? this.playground.policyFile : this.has(file) ? file : file.split("/").pop(); // a lesson's folder is not here
    const name = prompt(tr("Save as (a file of the folder in which the server was started):"), offered);
    if (!name) return;
    await this._tried(async () => {
      const sent = { text: editor.text(editor.name), version: this.versions.get(name) ?? null };
      const { version } = await request(path(name), "PUT", sent);
      this.versions.set(name, version);
      if (isPolicy) this.playground.policyFile = name;
      else this.playground.file = name;
      await this.look();
      this.list.value = name;
      this.say(tr("{file} is saved.", { file: name }));
    });
  }
}
