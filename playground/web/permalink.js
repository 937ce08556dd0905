// A link that holds a scenario, and a policy if there is one, compressed in its fragment.

import { tr } from "./renderer.js";

const LONGEST = 200_000; // bytes of a scenario and a policy in a link, unpacked

async function through(stream, bytes) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

export async function packed(content) {
  const bytes = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(JSON.stringify(content)));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// Returns {scenario, policy}; throws an Error that says what is wrong.
export async function unpacked(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
    const content = await through(new DecompressionStream("deflate-raw"), bytes);
    if (content.length > LONGEST) throw new Error("too long");
    const { scenario, policy } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
    if (typeof scenario !== "string" || !["string", "undefined"].includes(typeof policy)) throw new Error("no scenario");
    return { scenario, policy };
  } catch {
    throw new Error(tr("this link is damaged: it holds no scenario"));
  }
}
