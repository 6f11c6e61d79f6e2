/** Walking the graph by arrow keys. */
import { absolutePosition } from "./containers";
import { graphAt, indexOf } from "./document";
import type { FlowDocument } from "./types";

export type Direction = "left" | "right" | "up" | "down";

/** Along the wires to left and right, else to the nearest node of the scope that way. */
export function neighbour(document: FlowDocument, from: string, to: Direction): string | null {
  const index = indexOf(document);
  const placed = index.nodes.get(from);
  if (!placed) return null;
  if (to === "right" || to === "left") {
    const wires = (to === "right" ? index.outgoing : index.incoming).get(from) ?? [];
    const others = wires.map(({ edge }) => (to === "right" ? edge.target : edge.source));
    const nearest = closest(document, from, others, () => true);
    if (nearest) return nearest;
  }
  const here = absolutePosition(document, from);
  const siblings = Object.keys(graphAt(document, placed.scope).nodes).filter((id) => id !== from);
  return closest(document, from, siblings, (there) => {
    const dx = there.x - here.x;
    const dy = there.y - here.y;
    if (to === "right") return dx > 0 && Math.abs(dy) <= Math.abs(dx);
    if (to === "left") return dx < 0 && Math.abs(dy) <= Math.abs(dx);
    if (to === "down") return dy > 0 && Math.abs(dx) <= 2 * Math.abs(dy);
    return dy < 0 && Math.abs(dx) <= 2 * Math.abs(dy);
  });
}

function closest(
  document: FlowDocument,
  from: string,
  others: string[],
  fits: (there: { x: number; y: number }) => boolean,
): string | null {
  const here = absolutePosition(document, from);
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const id of others) {
    const there = absolutePosition(document, id);
    const far = Math.hypot(there.x - here.x, there.y - here.y);
    if (fits(there) && far < least) {
      best = id;
      least = far;
    }
  }
  return best;
}

/** Nodes in reading order: where Tab goes. */
export function readingOrder(document: FlowDocument): string[] {
  return [...indexOf(document).nodes.keys()]
    .map((id) => ({ id, ...absolutePosition(document, id) }))
    .sort((one, other) => one.x - other.x || one.y - other.y)
    .map(({ id }) => id);
}
