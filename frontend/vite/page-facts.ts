import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const SUFFIX = "?facts";
const FACT = /^export const (?:path|title|menu|layout)\b[^=]*=[\s\S]*?;$/gm;

/**
 * Lets the router read a page's `path`, `title`, `menu` and `layout` without loading the page.
 *
 * Those four are literals in the page's own file, so that a new page stays one file; importing the file for
 * them would pull every page into the first load.
 */
export function pageFacts(): Plugin {
  return {
    name: "flowloft-page-facts",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(SUFFIX)) return undefined;
      const source = readFileSync(id.slice(0, -SUFFIX.length), "utf8");
      const facts = source.match(FACT) ?? [];
      return facts
        .map((fact) => fact.replace(/: [A-Z]\w+ =/, " =").replace(/ (?:as const|satisfies \w+);$/, ";"))
        .join("\n");
    },
  };
}
