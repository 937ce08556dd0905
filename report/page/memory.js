// The map of memory over time: a bar per stay, its unused part hatched, reserved memory grey.

const MOST_STAYS = 3000; // bars; if there are more, those that can be seen best

function memoryView(run, from, to, pixels, look) {
  const { stays, size, places } = run.memory, scale = run.page.scale;
  const patterns = barsOf(run.page);
  const words = { x: [], y: [], text: [], ink: [] };
  const push = (since, until, base, bytes, fill, alpha, hatch) => {
    const bars = patterns[hatch];
    bars.left.push(since / scale); bars.right.push(until / scale);
    bars.bottom.push(base / size); bars.top.push((base + bytes) / size);
    bars.fill.push(fill); bars.line.push(look.paper); bars.alpha.push(alpha);
  };
  const outline = (base, bytes, alpha) => push(0, run.span, base, bytes, look.line, alpha, "");
  let edge = 0;
  for (const [base, bytes] of places) {
    if (base > edge) outline(edge, base - edge, 0.5);
    outline(base, bytes, 0.12);
    edge = base + bytes;
  }
  if (edge < size) outline(edge, size - edge, 0.5);
  let seen = stays.filter(([, , , , since, until]) => since < to && (until ?? run.span) > from);
  const hidden = Math.max(0, seen.length - MOST_STAYS);
  if (hidden) {
    const area = ([, , bytes, , since, until]) => bytes * ((until ?? run.span) - since);
    seen = seen.sort((a, b) => area(b) - area(a)).slice(0, MOST_STAYS);
  }
  for (const [process, base, bytes, asked, since, until] of seen) {
    const end = until ?? run.span, [fill, ink] = run.colour(process);
    push(since, end, base, Math.min(asked, bytes), fill, 1, "");
    if (asked < bytes) push(since, end, base + asked, bytes - asked, fill, 0.25, "/");
    const name = run.processes[process];
    const left = Math.max(from, since), right = Math.min(to, end);
    if (8 * widthOf(name) + 4 < ((right - left) / (to - from)) * pixels && bytes / size > 0.08) {
      words.x.push((left + right) / 2 / scale);
      words.y.push((base + Math.min(asked, bytes) / 2) / size);
      words.text.push(name);
      words.ink.push(ink);
    }
  }
  return { bars: patterns, words, hidden };
}

// What the record says of a point of the map: share of the memory, and instant (ns); or null.
function memoryTold(run, share, instant) {
  const address = share * run.memory.size, time = (ns) => `${brief(ns, run.page.scale)} ${run.page.unit}`;
  const found = run.heldAt(instant).find(([, base, bytes]) => base <= address && address < base + bytes);
  if (!found) return null;
  const [process, base, bytes, asked, since, until] = found;
  const facts = [[tr("process"), run.processes[process]], [tr("address"), sizeWords(base)]];
  facts.push([tr("given"), sizeWords(bytes)], [tr("asked for"), sizeWords(asked)], [tr("from"), time(since)]);
  if (until !== null) facts.push([tr("until"), time(until)], [tr("lasted"), time(until - since)]);
  return facts;
}
