/** Places for all nodes in layers from left to right, worked out beside the page by elkjs. */
import ELK, { type ElkNode } from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import { graphAt, indexOf } from "../model/document";
import { BODY_PADDING, bodyTop, shapeOf } from "../model/geometry";
import { NOTE } from "../model/nodes";
import type { Catalogue, FlowDocument, Position, Scope } from "../model/types";

const LAYERED = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "72",
  "elk.spacing.nodeNode": "32",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
};

/** Bodies first: a container's size follows from what it holds. */
export async function arranged(
  document: FlowDocument,
  catalogue: Catalogue,
): Promise<Record<string, Position>> {
  const elk = new ELK({ workerUrl });
  try {
    const places: Record<string, Position> = {};
    let current = document;
    const containers = [...indexOf(document).nodes.values()].filter((placed) => placed.node.body);
    containers.sort((one, other) => other.chain.length - one.chain.length);
    for (const scope of [...containers.map((placed) => placed.id), null]) {
      const found = await inScope(elk, current, catalogue, scope);
      Object.assign(places, found);
      current = { ...current, ui: { ...current.ui, positions: { ...current.ui.positions, ...found } } };
    }
    return places;
  } finally {
    elk.terminateWorker();
  }
}

async function inScope(
  elk: InstanceType<typeof ELK>,
  document: FlowDocument,
  catalogue: Catalogue,
  scope: Scope,
): Promise<Record<string, Position>> {
  const graph = graphAt(document, scope);
  const ids = Object.keys(graph.nodes).filter((id) => graph.nodes[id]?.kind !== NOTE);
  if (ids.length === 0) return {};
  const children: ElkNode[] = ids.map((id) => {
    const shape = shapeOf(bare(document, id), catalogue, id);
    const ports = [
      ...shape.inputs.map((port) => ({
        id: `${id} in ${port.name}`,
        x: 0,
        y: port.y,
        width: 1,
        height: 1,
        layoutOptions: { "port.side": "WEST" },
      })),
      ...shape.outputs.map((port) => ({
        id: `${id} out ${port.name}`,
        x: shape.width,
        y: port.y,
        width: 1,
        height: 1,
        layoutOptions: { "port.side": "EAST" },
      })),
    ];
    return {
      id,
      width: shape.width,
      height: shape.height,
      ports,
      layoutOptions: { "elk.portConstraints": "FIXED_POS" },
    };
  });
  const result = await elk.layout({
    id: "root",
    layoutOptions: LAYERED,
    children,
    edges: Object.entries(graph.edges)
      .filter(([, edge]) => ids.includes(edge.source) && ids.includes(edge.target))
      .map(([id, edge]) => ({
        id,
        sources: [`${edge.source} out ${edge.source_port}`],
        targets: [`${edge.target} in ${edge.target_port}`],
      })),
  });
  const left = scope === null ? 0 : BODY_PADDING - 12;
  const top = scope === null ? 0 : bodyTop(document, catalogue, scope) - 12;
  return Object.fromEntries(
    (result.children ?? []).map((child) => [child.id, { x: left + (child.x ?? 0), y: top + (child.y ?? 0) }]),
  );
}

/** Without a size that was dragged: a container shrinks to what it holds. */
function bare(document: FlowDocument, id: string): FlowDocument {
  const place = document.ui.positions[id];
  if (place?.width === undefined) return document;
  const positions = { ...document.ui.positions, [id]: { x: place.x, y: place.y } };
  return { ...document, ui: { ...document.ui, positions } };
}
