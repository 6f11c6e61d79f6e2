/** What a run on the canvas no longer tells of: nodes that were changed since it began. */
import { type DocumentIndex, indexOf } from "./document";
import { sameValue } from "./patch";
import type { FlowDocument, FlowNode } from "./types";

const known = new WeakMap<FlowDocument, { before: FlowDocument; changed: ReadonlySet<string> }>();

/** Nodes with other settings or other wires into them than before; another title or place is no change. */
export function changedNodes(before: FlowDocument, now: FlowDocument): ReadonlySet<string> {
  const found = known.get(now);
  if (found?.before === before) return found.changed;
  const changed = new Set<string>();
  if (before.graph !== now.graph) {
    const [earlier, later] = [indexOf(before), indexOf(now)];
    for (const [id, { node }] of later.nodes) {
      const old = earlier.nodes.get(id)?.node;
      if (old && (!sameNode(old, node) || wiresInto(earlier, id) !== wiresInto(later, id))) changed.add(id);
    }
  }
  known.set(now, { before, changed });
  return changed;
}

function sameNode(one: FlowNode, other: FlowNode): boolean {
  if (one === other) return true;
  const { title: _one, ...left } = one;
  const { title: _other, ...right } = other;
  return sameValue(left, right);
}

function wiresInto(index: DocumentIndex, id: string): string {
  return (index.incoming.get(id) ?? [])
    .map(({ edge }) => `${edge.source}/${edge.source_port}/${edge.target_port}`)
    .sort()
    .join(" ");
}
