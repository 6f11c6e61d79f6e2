/** The differences of two drafts in the page's language, for a person who has to choose between them. */
import { t } from "@/shared/i18n";
import { indexOf, type PlacedEdge } from "./document";
import { titleOf } from "./nodes";
import { partTitle, partValue } from "./partTitle";
import { sameValue } from "./patch";
import { kindOf, portNamed, type Side } from "./ports";
import type { Catalogue, FlowDocument, FlowNode, Kind } from "./types";

export interface Difference {
  change: "added" | "removed" | "changed" | "moved";
  what: "node" | "wire";
  /** The node, or the node that the wire leads to. */
  id: string;
  /** Title of the node, or `A → B`. */
  title: string;
  /** Setting by setting, for a changed node. */
  details: { name: string; title: string; before: string; after: string }[];
}

export function differences(before: FlowDocument, after: FlowDocument, catalogue: Catalogue): Difference[] {
  const found: Difference[] = [];
  const old = indexOf(before).nodes;
  const now = indexOf(after).nodes;
  const name = (document: FlowDocument, id: string) => {
    const node = indexOf(document).nodes.get(id)?.node;
    return node ? (node.title ?? t(titleOf(node, kindOf(catalogue, node.kind)))) : id;
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
    const details = changedParts(was.node, placed.node, kindOf(catalogue, placed.node.kind));
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
  const end = (document: FlowDocument, id: string, side: Side, port: string) => {
    const node = indexOf(document).nodes.get(id)?.node;
    const known = node && portNamed(node, catalogue, side, port);
    return `${name(document, id)} · ${known && !known.own ? t(known.title) : port}`;
  };
  const wireTitle = (document: FlowDocument, { edge }: PlacedEdge) =>
    `${end(document, edge.source, "output", edge.source_port)} → ${end(document, edge.target, "input", edge.target_port)}`;
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

function changedParts(before: FlowNode, after: FlowNode, kind: Kind | undefined): Difference["details"] {
  const parts = ({ settings, policy, body: _body, ...rest }: FlowNode): Record<string, unknown> => ({
    ...rest,
    ...policy,
    ...settings,
  });
  const old = parts(before);
  const now = parts(after);
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => !sameValue(old[name], now[name]))
    .map((name) => ({
      name,
      title: partTitle(kind, name),
      before: partValue(kind, name, old[name]),
      after: partValue(kind, name, now[name]),
    }));
}
