// The language of the page: that of its address, else the one that was chosen here, else the browser's.

import { speak, tr, translate } from "./renderer.js";

const KEPT = "multiprog-language"; // what was chosen, in the browser's storage
const OPEN = "multiprog-open"; // what is in the editor while the page is loaded in another language
const TRADITIONAL = /^zh[-_](tw|hk|mo|hant)/i; // their readers read other characters
const byId = (id) => document.getElementById(id);

async function json(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.json();
}

// The storage of the browser; one that keeps nothing, where the user forbids it.
function storage(name) {
  try {
    return window[name];
  } catch {
    return { getItem: () => null, setItem() {}, removeItem() {} };
  }
}

const names = await json("languages.json").catch(() => ({ en: "English" }));
export const language = chosen();
if (language !== "en") speak(await json(`texts.${language}.json`));
document.documentElement.lang = language.replace("_", "-");
document.title = tr(document.title);
translate(document.body);
byId("language").replaceChildren(...Object.entries(names).map(([code, name]) => new Option(name, code, false, code === language)));

function chosen() {
  const asked = [new URLSearchParams(location.search).get("lang"), storage("localStorage").getItem(KEPT)];
  const ofCommand = document.body.dataset.language; // on one's own machine
  if (ofCommand && ofCommand !== "en") asked.push(ofCommand);
  return [...asked, ...navigator.languages].map(named).find(Boolean) ?? "en";
}

// The language that a name means, like zh, zh-Hans or zh_CN; undefined: there is none.
function named(name) {
  const [first] = (name ?? "").toLowerCase().split(/[-_]/);
  return TRADITIONAL.test(name) ? undefined : Object.keys(names).find((code) => code.toLowerCase().split("_")[0] === first);
}

// Loads the page in another language when the user chooses one. `open()` returns what is in the editor.
export function listen(open) {
  byId("language").addEventListener("change", ({ target }) => {
    storage("localStorage").setItem(KEPT, target.value);
    storage("sessionStorage").setItem(OPEN, JSON.stringify(open()));
    const address = new URL(location.href);
    address.searchParams.set("lang", target.value.split("_")[0]);
    location.assign(address);
  });
}

// What was in the editor before the page was loaded in this language; null: nothing. It is told once.
export function opened() {
  const kept = storage("sessionStorage").getItem(OPEN);
  storage("sessionStorage").removeItem(OPEN);
  return kept && JSON.parse(kept);
}

// The scenarios that are offered, with group and title in this language.
export async function scenarios() {
  const entries = await json("catalogue.json");
  if (language === "en") return entries;
  const said = await json(`scenarios.${language}.json`);
  return entries.map((entry, at) => ({ ...entry, group: said[at][0], title: said[at][1] }));
}
