// Who may import whom: app > pages > features > shared; a feature shows the others its index only; no cycles.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(fileURLToPath(import.meta.url)), "../src");
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^"';]*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"|(?:^|\n)import\s*"([^"]+)"/g;
const LEVELS = { shared: 0, generated: 0, features: 1, pages: 2, app: 3 };

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
  (name) => /\.tsx?$/.test(name) && !/\.test\.|\.d\.ts$/.test(name),
);

/** The file behind an import, or nothing when it is a package or no TypeScript. */
function target(from, specifier) {
  let base;
  if (specifier.startsWith("@/")) base = specifier.slice(2);
  else if (specifier.startsWith(".")) base = relative(source, join(source, dirname(from), specifier));
  else return undefined;
  const tries = [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`, `${base}/index.tsx`];
  return tries.find((name) => /\.tsx?$/.test(name) && existsSync(join(source, name)));
}

function importsOf(file) {
  const text = readFileSync(join(source, file), "utf8");
  return [...text.matchAll(IMPORT)].map((match) => ({
    lazy: match[2] !== undefined,
    typeOnly: /^\s*(?:import|export) type\b/.test(match[0]),
    file: target(file, match[1] ?? match[2] ?? match[3]),
  }));
}

const graph = new Map(files.map((file) => [file, importsOf(file).filter((one) => one.file)]));
const wrong = [];

for (const [file, imports] of graph) {
  const [room, feature] = file.split("/");
  for (const { file: other } of imports) {
    const [otherRoom, otherFeature] = other.split("/");
    if (!(room in LEVELS) || !(otherRoom in LEVELS)) continue;
    if (LEVELS[otherRoom] > LEVELS[room])
      wrong.push(`${file} imports ${other}: ${room} may not know ${otherRoom}`);
    const foreign = otherRoom === "features" && !(room === "features" && feature === otherFeature);
    if (foreign && !/^features\/[^/]+\/index\.tsx?$/.test(other))
      wrong.push(`${file} imports ${other}: only features/${otherFeature}/index.ts is for others`);
  }
}

/** Depth-first; types are gone when the page runs and a lazy import breaks a cycle, so neither counts. */
const done = new Set();
function walk(file, trail) {
  const at = trail.indexOf(file);
  if (at >= 0) return wrong.push(`cycle: ${[...trail.slice(at), file].join(" > ")}`);
  if (done.has(file)) return undefined;
  for (const one of graph.get(file) ?? []) if (!one.lazy && !one.typeOnly) walk(one.file, [...trail, file]);
  done.add(file);
  return undefined;
}
for (const file of files) walk(file, []);

for (const line of wrong) console.error(line);
if (wrong.length) process.exitCode = 1;
else console.log(`${files.length} files, each in its room, no cycle`);
