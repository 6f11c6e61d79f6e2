import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Plugin } from "vite";

const ID = "virtual:kind-icons";
const ICON = /\bicon"?\s*(?::\s*(?:ClassVar\[str\]|str)\s*=|[=:])\s*"([a-z0-9-]+)"/g;

/**
 * The icons that node kinds, templates and pages name, read from their own files at build time.
 *
 * A new kind is one Python file; naming its icon a second time in the frontend would make it two, and shipping
 * all of Tabler's five thousand icons would be the whole size budget.
 */
export function kindIcons(folders: string[]): Plugin {
  // The package opens its `icons` folder only; the drawings as data lie beside it.
  const nodes = join(
    createRequire(import.meta.url).resolve("@tabler/icons/outline/box.svg"),
    "../../../tabler-nodes-outline.json",
  );
  return {
    name: "flowloft-kind-icons",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      const paths = JSON.parse(readFileSync(nodes, "utf8"));
      const icons: Record<string, unknown> = {};
      for (const name of iconNames(folders)) if (paths[name]) icons[name] = paths[name];
      return `export default ${JSON.stringify(icons)};`;
    },
  };
}

function iconNames(folders: string[]): Set<string> {
  const names = new Set(["box"]);
  for (const folder of folders) {
    for (const file of sources(folder)) {
      for (const match of readFileSync(file, "utf8").matchAll(ICON)) if (match[1]) names.add(match[1]);
    }
  }
  return names;
}

function sources(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(py|json|tsx)$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return []; // The frontend builds without the runtime beside it; its kinds then show the plain icon.
  }
}
