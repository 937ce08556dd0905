// The texts of a page in its reader's language, by the English ones. English has none.

const SAYING = ["title", "aria-label", "placeholder"]; // attributes of elements
let texts = {};

function speak(given) {
  texts = given;
}

// A text in the reader's language, with {name} replaced by the value of that name.
function tr(text, values = {}) {
  const said = texts[text] ?? text;
  return (Array.isArray(said) ? said[0] : said).replace(/\{(\w+)\}/g, (field, name) => values[name] ?? field);
}

// One of two texts, as n asks for; {n} in it is replaced by the number.
function trN(one, many, n, values = {}) {
  return tr(one in texts || n === 1 ? one : many, { n: n.toLocaleString("en"), ...values });
}

// A constant, which tr translates where it is shown.
function mark(text) {
  return text;
}

// Translates what stands in the HTML below an element.
function translate(within) {
  for (const each of within.querySelectorAll(SAYING.map((name) => `[${name}]`).join())) {
    for (const name of SAYING) if (each.hasAttribute(name)) each.setAttribute(name, tr(each.getAttribute(name)));
  }
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, words = node.data.trim();
    if (words) node.data = node.data.replace(words, () => tr(words.replace(/\s+/g, " ")));
  }
}
