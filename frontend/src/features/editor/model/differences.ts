/** The differences of two drafts in words, for a person who has to choose between them. */
import { indexOf, type PlacedEdge } from "./document";
import { titleOf } from "./nodes";
import { sameValue } from "./patch";
import { kindOf } from "./ports";
import type { Catalogue, FlowDocument } from "./types";

export interface Difference {
  change: "added" | "removed" | "changed" | "moved";
  what: "node" | "wire";
  /** The node, or the node that the wire leads to. */
  id: string;
  /** Title of the node, or `A → B`. */
  title: string;
  /** Setting by setting, for a changed node. */
  details: { name: string; before: string; after: string }[];
}

export function differences(before: FlowDocument, after: FlowDocument, catalogue: Catalogue): Difference[] {
  const found: Difference[] = [];
  const old = indexOf(before).nodes;
  const now = indexOf(after).nodes;
  const name = (document: FlowDocument, id: string) => {
    const node = indexOf(document).nodes.get(id)?.node;
    return node ? titleOf(node, kindOf(catalogue, node.kind)) : id;
  };
  for (const id of old.keys()) {
    if (!now.has(id))
      found.push({ change: "removed", what: "node", id, title: name(before, id), details: [] });
  }
  for (const [id, placed] of now) {
    const was = old.get(id);
    if (!was) {
      found.push({ change: "added", what: "node", id, title: name(after, id), details: [] });
      continue;
    }
    const details = changedParts(was.node as object, placed.node as object);
    if (details.length > 0) {
      found.push({ change: "changed", what: "node", id, title: name(after, id), details });
    } else if (!sameValue(before.ui.positions[id], after.ui.positions[id])) {
      found.push({ change: "moved", what: "node", id, title: name(after, id), details: [] });
    }
  }
  const wires = (document: FlowDocument) =>
    new Map([...indexOf(document).edges.values()].map((placed) => [wireKey(placed), placed]));
  const oldWires = wires(before);
  const nowWires = wires(after);
  const wireTitle = (document: FlowDocument, { edge }: PlacedEdge) =>
    `${name(document, edge.source)} · ${edge.source_port} → ${name(document, edge.target)} · ${edge.target_port}`;
  for (const [key, placed] of oldWires) {
    if (!nowWires.has(key)) {
      found.push({
        change: "removed",
        what: "wire",
        id: placed.edge.target,
        title: wireTitle(before, placed),
        details: [],
      });
    }
  }
  for (const [key, placed] of nowWires) {
    if (!oldWires.has(key)) {
      found.push({
        change: "added",
        what: "wire",
        id: placed.edge.target,
        title: wireTitle(after, placed),
        details: [],
      });
    }
  }
  return found;
}

function wireKey({ edge }: PlacedEdge): string {
  return JSON.stringify([edge.source, edge.source_port, edge.target, edge.target_port]);
}

function changedParts(before: object, after: object): Difference["details"] {
  const parts = (node: object): Record<string, unknown> => {
    const { settings, body: _body, ...rest } = node as { settings?: object; body?: unknown };
    return { ...rest, ...settings };
  };
  const old = parts(before);
  const now = parts(after);
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => !sameValue(old[name], now[name]))
    .map((name) => ({ name, before: shown(old[name]), after: shown(now[name]) }));
}

function shown(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
