/** Moving nodes into and out of the body of a container. */
import { indexOf, withBody, withGraph, withPositions } from "./document";
import { isFixed } from "./remove";
import type { FlowDocument, FlowEdge, FlowNode, Position, Scope } from "./types";

/** Deepest nesting a document may have. */
export const MAX_BODY_DEPTH = 8;

export interface Rescoped {
  document: FlowDocument;
  moved: string[];
  /** Wires that would have crossed the container's border. */
  cut: number;
}

/** Position of a node on the canvas, whatever containers it sits in. */
export function absolutePosition(document: FlowDocument, id: string): { x: number; y: number } {
  const { positions } = document.ui;
  const placed = indexOf(document).nodes.get(id);
  let { x, y } = positions[id] ?? { x: 0, y: 0 };
  for (const container of placed?.chain ?? []) {
    x += positions[container]?.x ?? 0;
    y += positions[container]?.y ?? 0;
  }
  return { x, y };
}

/** A canvas point as seen from inside a scope. */
export function relativeTo(document: FlowDocument, scope: Scope, point: { x: number; y: number }): Position {
  if (scope === null) return { x: point.x, y: point.y };
  const origin = absolutePosition(document, scope);
  return { x: point.x - origin.x, y: point.y - origin.y };
}

/** Moves nodes to another scope. They keep their place on the canvas and the wires among them. */
export function rescope(document: FlowDocument, ids: Iterable<string>, scope: Scope): Rescoped {
  const index = indexOf(document);
  const target = scope === null ? null : index.nodes.get(scope);
  const unchanged = { document, moved: [], cut: 0 };
  if (scope !== null && !target?.node.body) return unchanged;
  const chain = target ? [...target.chain, target.id] : [];
  const moved = [...ids].filter((id) => {
    const placed = index.nodes.get(id);
    if (!placed || placed.scope === scope || isFixed(document, id)) return false;
    if (chain.includes(id)) return false;
    return chain.length + depthBelow(placed.node) <= MAX_BODY_DEPTH;
  });
  if (moved.length === 0) return unchanged;

  const going = new Set(moved);
  const nodes: Record<string, FlowNode> = {};
  const positions: Record<string, Position> = {};
  const kept: FlowEdge[] = [];
  let cut = 0;
  let next = document;
  for (const id of moved) {
    const placed = index.nodes.get(id);
    if (!placed) continue;
    nodes[id] = placed.node;
    positions[id] = {
      ...document.ui.positions[id],
      ...relativeTo(document, scope, absolutePosition(document, id)),
    };
  }
  for (const { edge, scope: from, id } of index.edges.values()) {
    const source = going.has(edge.source);
    const end = going.has(edge.target);
    if (!source && !end) continue;
    next = withGraph(next, from, (graph) => {
      const { [id]: _gone, ...edges } = graph.edges;
      return { ...graph, edges };
    });
    if (source && end) kept.push(edge);
    else cut += 1;
  }
  for (const id of moved) {
    next = withGraph(next, index.nodes.get(id)?.scope ?? null, (graph) => {
      const { [id]: _gone, ...rest } = graph.nodes;
      return { ...graph, nodes: rest };
    });
  }
  next = withGraph(next, scope, (graph) => {
    const edges = { ...graph.edges };
    let number = 1;
    for (const edge of kept) {
      while (`e${number}` in edges) number += 1;
      edges[`e${number}`] = edge;
    }
    return { nodes: { ...graph.nodes, ...nodes }, edges };
  });
  return { document: withPositions(next, positions), moved, cut };
}

function depthBelow(node: FlowNode): number {
  if (!node.body) return 0;
  return 1 + Math.max(0, ...Object.values(node.body.nodes).map(depthBelow));
}

/** Of a selection, the nodes that aren't inside another selected one. */
export function outermost(document: FlowDocument, ids: Iterable<string>): string[] {
  const all = new Set(ids);
  const index = indexOf(document);
  return [...all].filter((id) => {
    const placed = index.nodes.get(id);
    return placed !== undefined && !placed.chain.some((container) => all.has(container));
  });
}

/** The selection with everything inside its containers. */
export function withInsides(document: FlowDocument, ids: Iterable<string>): Set<string> {
  return new Set([...ids].flatMap((id) => withBody(document, id)));
}
