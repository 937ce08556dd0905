// The editor: one file at a time, mistakes underlined, keys of the scenario language completed.

import { autocompletion } from "@codemirror/autocomplete";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { Annotation, EditorState, Prec } from "@codemirror/state";
import { keymap, EditorView } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { basicSetup } from "codemirror";

import { tr } from "./renderer.js";

const bySlider = Annotation.define(); // a change that was not typed
const LANGUAGES = { yaml: yaml(), py: python() };

export class Editor {
  // `changed(name)` is called after each change by the user, `run` by Ctrl-Enter.
  constructor(parent, { changed, run, complete }) {
    this.states = new Map();
    this.name = "";
    this.changed = changed;
    this.extensions = [
      Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => { run(); return true; } }])),
      syntaxHighlighting(classHighlighter), // its colours are in style.css, for light and for dark
      basicSetup,
      autocompletion({ override: [(context) => (this.name.endsWith(".yaml") ? complete(context) : null)] }),
      EditorView.updateListener.of((update) => {
        const typed = update.transactions.some((each) => each.docChanged && !each.annotation(bySlider));
        if (typed) this.changed(this.name);
      }),
      EditorView.contentAttributes.of({ "aria-label": tr("text of the file") }),
    ];
    this.view = new EditorView({ parent });
    this.view.scrollDOM.tabIndex = 0; // what is wider than the editor can be scrolled by keys
  }

  put(name, text) {
    const language = LANGUAGES[name.split(".").at(-1)];
    this.states.set(name, EditorState.create({ doc: text, extensions: [...this.extensions, language] }));
    if (this.name === name) this.view.setState(this.states.get(name));
  }

  show(name) {
    if (this.name) this.states.set(this.name, this.view.state);
    this.name = name;
    this.view.setState(this.states.get(name));
  }

  text(name) {
    const state = name === this.name ? this.view.state : this.states.get(name);
    return state?.doc.toString() ?? "";
  }

  // Replaces a piece of a file, as the user does by a slider.
  replace(name, from, to, insert) {
    const changes = { from, to, insert };
    if (name === this.name) this.view.dispatch({ changes, annotations: bySlider.of(true) });
    else this.states.set(name, this.states.get(name).update({ changes }).state);
  }

  // Underlines the problems of the file that is shown.
  mark(problems) {
    const { doc } = this.view.state;
    const diagnostics = problems.filter(({ line }) => line && line <= doc.lines).map(({ line, column, message }) => {
      const at = doc.line(line), from = Math.min(at.from + column - 1, at.to);
      const word = /^[^\s,:\]}]*/.exec(doc.sliceString(from, at.to))[0].length;
      return { from, to: Math.min(at.to, from + Math.max(1, word)), severity: "error", message };
    });
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  go({ line, column }) {
    const { doc } = this.view.state, at = doc.line(Math.min(line ?? 1, doc.lines));
    const anchor = Math.min(at.from + (column ?? 1) - 1, at.to);
    this.view.dispatch({ selection: { anchor }, scrollIntoView: true });
    this.view.focus();
  }
}
