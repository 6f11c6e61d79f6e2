/** The values that a node may draw on: outputs of the nodes before it. */
import { addEdge, downstream } from "./connect";
import { graphAt, indexOf } from "./document";
import { setField } from "./nodes";
import { kindOf, placeholders, portsOf, typesConnect, variableField } from "./ports";
import { valueIn } from "./schema";
import type { Catalogue, FlowDocument, Port } from "./types";

export interface Source {
  node: string;
  port: Port;
}

/** Outputs in the node's own graph that don't depend on it, nearest first. */
export function sourcesFor(document: FlowDocument, catalogue: Catalogue, id: string, type = "any"): Source[] {
  const scope = indexOf(document).nodes.get(id)?.scope ?? null;
  const after = downstream(document, id);
  const here = document.ui.positions[id] ?? { x: 0, y: 0 };
  const far = (other: string) => {
    const there = document.ui.positions[other] ?? { x: 0, y: 0 };
    return Math.hypot(here.x - there.x, here.y - there.y);
  };
  return Object.entries(graphAt(document, scope).nodes)
    .filter(([other]) => !after.has(other))
    .sort(([one], [other]) => far(one) - far(other))
    .flatMap(([other, node]) =>
      portsOf(node, kindOf(catalogue, node.kind))
        .outputs.filter((port) => typesConnect(catalogue, port.type, type))
        .map((port) => ({ node: other, port })),
    );
}

/** What is wired to an input. */
export function wiredTo(
  document: FlowDocument,
  id: string,
  port: string,
): { node: string; port: string; key: string }[] {
  return (indexOf(document).incoming.get(id) ?? [])
    .filter(({ edge }) => edge.target_port === port)
    .map(({ edge, key }) => ({ node: edge.source, port: edge.source_port, key }));
}

/** Name of a variable for a source: the one it has in this node already, else a new one. */
export function variableFor(
  document: FlowDocument,
  id: string,
  text: string,
  source: Source,
  title: string,
): string {
  const names = placeholders(text);
  const known = names.find((name) =>
    wiredTo(document, id, name).some((wire) => wire.node === source.node && wire.port === source.port.name),
  );
  if (known) return known;
  const generic = source.port.name === "output" || source.port.name === "value";
  const stem = plainName(generic ? title : source.port.name) || "value";
  const free = (name: string) => !names.includes(name) || wiredTo(document, id, name).length === 0;
  if (free(stem)) return stem;
  for (let number = 2; ; number++) if (free(`${stem}_${number}`)) return `${stem}_${number}`;
}

function plainName(text: string): string {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
  return /^\p{N}/u.test(name) ? `_${name}` : name;
}

/**
 * A node that has no port for a value yet, but a text that can name one: writes the variable at its end
 * and wires it. Returns null where the node has no such text.
 */
export function openVariable(
  document: FlowDocument,
  catalogue: Catalogue,
  id: string,
  source: Source,
  title: string,
): FlowDocument | null {
  const node = indexOf(document).nodes.get(id)?.node;
  const kind = node && kindOf(catalogue, node.kind);
  const field = kind && variableField(kind);
  if (!field || !typesConnect(catalogue, source.port.type, "text")) return null;
  const written = valueIn(field, node.settings);
  const text = typeof written === "string" ? written : "";
  const name = variableFor(document, id, text, source, title);
  const next = placeholders(text).includes(name) ? text : `${text}${text ? "\n" : ""}{${name}}`;
  return writeVariable(document, catalogue, id, field.name, next, name, source);
}

/** Writes a text that names a variable and wires the variable to its source, as one change. */
export function writeVariable(
  document: FlowDocument,
  catalogue: Catalogue,
  id: string,
  field: string,
  text: string,
  name: string,
  source: Source,
): FlowDocument {
  return wireVariable(setField(document, catalogue, id, field, text), id, name, source);
}

/** Wires a variable that a text names to its source. */
export function wireVariable(document: FlowDocument, id: string, name: string, source: Source): FlowDocument {
  const there = wiredTo(document, id, name).some(
    (wire) => wire.node === source.node && wire.port === source.port.name,
  );
  if (there) return document;
  return addEdge(document, {
    source: source.node,
    source_port: source.port.name,
    target: id,
    target_port: name,
  });
}
