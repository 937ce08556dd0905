// Numbers as they are written everywhere: times of one unit, durations and sizes.

const SCALES = [["s", 1e9], ["ms", 1e6], ["us", 1e3], ["ns", 1]];
const SIZES = [
  ["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10],
  ["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["KB", 1e3],
];

// `ns` in a unit of `scale` ns, rounded to `most` decimals, without the zeros at the end.
function brief(ns, scale, most = 3) {
  const text = (ns / scale).toFixed(most);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

// The shortest exact way to write a duration in the largest unit that needs at most 3 decimals.
function duration(ns) {
  if (ns === 0) return "0";
  for (const [unit, scale] of SCALES) {
    if (Math.abs(ns) >= scale && (ns * 1000) % scale === 0) return brief(ns, scale) + unit;
  }
  return `${ns}ns`;
}

// A size or an address in the largest unit that divides it; 0 has no unit.
function sizeWords(bytes) {
  if (!bytes) return "0";
  for (const [unit, scale] of SIZES) {
    if (bytes % scale === 0) return bytes / scale + unit;
  }
  return `${bytes}B`;
}

function share(part) {
  return `${(100 * part).toFixed(0)} %`;
}

// How many of the sorted `times` are at or before `at`.
function upTo(times, at, low = 0, high = times.length) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Chinese, Japanese and Korean characters, and pictures, are as wide as two others.
const DOUBLE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

// The width of a text in the widths of a letter.
function widthOf(text) {
  let width = 0;
  for (const character of text) width += DOUBLE.test(character) ? 2 : 1;
  return width;
}

// A name in at most so many letters' widths.
function cut(name, most) {
  if (widthOf(name) <= most) return name;
  let kept = "", width = 1;
  for (const character of name) {
    width += widthOf(character);
    if (width > most) break;
    kept += character;
  }
  return kept + "…";
}

// The least parts of names that tell them apart: truck and train by tru and tra, job-1 and job-2 by 1 and 2.
class Shortened {
  constructor(names) {
    this.names = names;
    const sorted = [...names].sort(), least = new Map(sorted.map((name) => [name, 1]));
    sorted.slice(1).forEach((name, at) => {
      const other = sorted[at], common = commonStart(name, other) + 1;
      for (const each of [name, other]) least.set(each, Math.max(least.get(each), common));
    });
    this.least = names.map((name) => least.get(name)); // letters of its beginning
    const start = sorted.length > 1 ? commonStart(sorted[0], sorted.at(-1)) : 0;
    this.ends = names.map((name) => name.slice(start));
  }

  // As much of a name as so many letters' widths hold; "": nothing that tells it apart.
  fitting(process, room) {
    const name = this.names[process], end = this.ends[process];
    if (widthOf(name) <= room) return name;
    const begins = started(name, room);
    if (begins.length >= this.least[process]) return begins;
    return end && widthOf(end) <= room ? end : "";
  }
}

function commonStart(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at && /[\ud800-\udbff]/.test(one[at - 1]) ? at - 1 : at; // not between the halves of a character
}

// The beginning of a name that is at most so wide.
function started(name, room) {
  let begins = "", width = 0;
  for (const character of name) {
    width += widthOf(character);
    if (width > room) break;
    begins += character;
  }
  return begins;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
