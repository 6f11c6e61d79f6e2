/** What lies at a point: the container around it, or the node a wire was released on. */
import { bestPort, type PortEnd } from "../model/connect";
import { absolutePosition } from "../model/containers";
import { indexOf } from "../model/document";
import type { FlowEdge, Scope } from "../model/types";
import type { EditorStore } from "../store/editor";

/** The innermost container at a canvas point, leaving out those that are moving. */
export function containerAt(store: EditorStore, point: { x: number; y: number }, moving: string[]): Scope {
  const { nodes, history } = store.getState();
  const document = history.present;
  const index = indexOf(document);
  let found: Scope = null;
  let depth = -1;
  for (const node of nodes) {
    if (node.type !== "container") continue;
    const chain = index.nodes.get(node.id)?.chain ?? [];
    if (moving.includes(node.id) || chain.some((id) => moving.includes(id))) continue;
    const { x, y } = absolutePosition(document, node.id);
    const inside =
      point.x >= x && point.y >= y && point.x <= x + (node.width ?? 0) && point.y <= y + (node.height ?? 0);
    if (inside && chain.length > depth) {
      found = node.id;
      depth = chain.length;
    }
  }
  return found;
}

/** The node under a point of the page that a wire drawn from `end` may be meant for. */
export function cardAt(store: EditorStore, end: PortEnd, page: { x: number; y: number }): string | null {
  const under = document
    .elementsFromPoint(page.x, page.y)
    .find((element) => element.closest(".react-flow__node"));
  const id = under?.closest(".react-flow__node")?.getAttribute("data-id");
  const scope = indexOf(store.getState().history.present).nodes.get(end.node)?.scope ?? null;
  return !id || id === end.node || id === scope ? null : id;
}

/** The wire meant by releasing one over a card rather than over a port; null where it has no port for it. */
export function wireOnto(store: EditorStore, end: PortEnd, id: string): FlowEdge | null {
  const { history, catalogue } = store.getState();
  const port = bestPort(history.present, catalogue, end, id);
  if (!port) return null;
  return end.side === "output"
    ? { source: end.node, source_port: end.port, target: id, target_port: port }
    : { source: id, source_port: port, target: end.node, target_port: end.port };
}
