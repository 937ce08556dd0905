// Completes the keys of the scenario language, with what they mean, from its JSON Schema.

export function completer(schemaOf) {
  return async (context) => {
    const word = context.matchBefore(/[\w-]*$/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const schema = await schemaOf();
    const keys = keysAt(schema, pathOf(context.state.doc.sliceString(0, word.from)));
    return { from: word.from, options: keys.map(([label, about]) => ({ label, info: about, apply: `${label}: ` })), validFor: /^[\w-]*$/ };
  };
}

// The keys above the end of the text, by their indents: ["processes", "cpu"]. Items of lists have none.
export function pathOf(before) {
  const lines = before.split("\n"), path = [];
  let indent = /^[\s-]*/.exec(lines.at(-1))[0].length;
  for (const line of lines.slice(0, -1).reverse()) {
    const found = /^([\s-]*)([\w-]+):/.exec(line);
    if (found && found[1].length < indent) {
      path.unshift(found[2]);
      indent = found[1].length;
    }
  }
  return path;
}

function keysAt(schema, path) {
  let places = [schema];
  for (const key of path) places = places.flatMap((place) => opened(schema, place)).map((place) => place.properties?.[key] ?? place.additionalProperties).filter((place) => place && place !== true);
  const keys = new Map();
  for (const place of places.flatMap((each) => opened(schema, each))) {
    for (const [key, about] of Object.entries(place.properties ?? {})) keys.set(key, about.description ?? "");
  }
  return [...keys];
}

// The objects that a schema stands for: references followed, alternatives and items of lists opened.
function opened(schema, place, depth = 0) {
  if (!place || depth > 12) return [];
  if (place.$ref) return opened(schema, schema.$defs[place.$ref.split("/").at(-1)], depth + 1);
  const parts = [...(place.anyOf ?? []), ...(place.oneOf ?? []), ...(place.allOf ?? []), ...(place.items ? [place.items] : [])];
  return [...(place.properties || place.additionalProperties ? [place] : []), ...parts.flatMap((part) => opened(schema, part, depth + 1))];
}
