// The words of the page and their Chinese.
//   node scripts/i18n.mjs               lists what has no Chinese yet
//   node scripts/i18n.mjs --add FILE    merges a JSON object of English -> Chinese, sorted
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const catalogueFile = join(root, "src/shared/i18n/zh.json");

const STRING = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
const CALL = new RegExp(String.raw`\b(?:t|msg)\(\s*(${STRING})`, "g");
/** `tn(n, "one", "many")`: Chinese has the second form only. */
const COUNT = new RegExp(String.raw`\btn\(\s*[^"']*?,\s*(?:${STRING}),\s*(${STRING})`, "g");
const TITLE = new RegExp(`^export const title = (${STRING})`, "gm");

function unquote(literal) {
  if (literal.startsWith('"')) return JSON.parse(literal);
  return JSON.parse(`"${literal.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`);
}

/** Every English sentence in the sources, with the file that says it. */
export function sentences() {
  const found = new Map();
  for (const name of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(name) || /\.test\./.test(name) || name.startsWith("generated")) continue;
    const source = readFileSync(join(root, "src", name), "utf8");
    for (const pattern of [CALL, COUNT, TITLE])
      for (const match of source.matchAll(pattern)) found.set(unquote(match[1]), name);
  }
  return found;
}

export function readCatalogue() {
  return JSON.parse(readFileSync(catalogueFile, "utf8"));
}

function add(file) {
  const merged = { ...readCatalogue(), ...JSON.parse(readFileSync(file, "utf8")) };
  const sorted = Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(`${catalogueFile}.new`, `${JSON.stringify(sorted, null, 2)}\n`);
  renameSync(`${catalogueFile}.new`, catalogueFile);
}

function list() {
  const known = readCatalogue();
  const missing = [...sentences()].filter(([sentence]) => !(sentence in known));
  for (const [sentence, file] of missing) console.log(`${JSON.stringify(sentence)}: "",  // ${file}`);
  process.exitCode = missing.length ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "--add") add(process.argv[3]);
  else list();
}
