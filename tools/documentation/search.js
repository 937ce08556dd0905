// Ask the site's own search: `node search.js SITE` reads queries from stdin, a line each, and prints
// the pages that the search finds for each, the best first, as a line of JSON.
"use strict";

const fs = require("fs");
const path = require("path");
const vm = require("vm");

const site = process.argv[2];
const page = { getElementById: () => null, addEventListener: () => undefined };
const context = vm.createContext({
  document: page, console, URLSearchParams,
  _ready: () => undefined, _: (text) => text, SPHINX_HIGHLIGHT_ENABLED: false,
});
context.window = context; // what a script puts into the window is a global name
const scripts = ["_static/language_data.js", "_static/searchtools.js", "_static/weights.js", "searchindex.js"];
for (const name of scripts) {
  vm.runInContext(fs.readFileSync(path.join(site, name), "utf8"), context, { filename: name });
}
for (const query of fs.readFileSync(0, "utf8").split("\n").filter((line) => line)) {
  context.query = query;
  context.location = { search: `?q=${encodeURIComponent(query)}` };
  const found = vm.runInContext("Search._performSearch(...Search._parseQuery(query))", context);
  const pages = found.reverse().map((result) => result[0]); // the best stands last
  console.log(JSON.stringify([...new Set(pages)]));
}
