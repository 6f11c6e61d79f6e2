// What the start page loads at first, gzipped, against the budget. Needs a build in dist/.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 500;
const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** A chunk with all that it imports at once. */
function closure(key, seen = new Set()) {
  if (!manifest[key] || seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

function size(pages) {
  const keys = new Set(["index.html", ...pages].flatMap((key) => [...closure(key)]));
  const files = new Set([...keys].map((key) => manifest[key].file).filter((file) => file.endsWith(".js")));
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1024;
}

for (const [what, pages, budget] of [
  ["start page", ["src/pages/start.tsx"], BUDGET_KB],
  ["editor page", ["src/pages/editor.tsx"], BUDGET_KB],
]) {
  const kilobytes = size(pages);
  console.log(`${what}: ${kilobytes.toFixed(1)} KB of JS gzipped, budget ${budget} KB`);
  if (kilobytes > budget) process.exitCode = 1;
}
