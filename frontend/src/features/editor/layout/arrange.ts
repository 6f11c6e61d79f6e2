/**
 * Places for nodes in layers from left to right, worked out beside the page by elkjs. What is arranged already stays:
 * the order within a layer is the one the drawing has, and each connected part is put where most of it was.
 */
import type { ElkNode } from "elkjs/lib/elk-api";
import { graphAt, indexOf } from "../model/document";
import { BODY_PADDING, bodyTop, GRID, shapeOf } from "../model/geometry";
import { NOTE } from "../model/nodes";
import type { Catalogue, FlowDocument, Graph, Position, Scope } from "../model/types";

export type Elk = { layout(graph: ElkNode): Promise<ElkNode> };
type Places = Record<string, Position>;
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const LAYERED = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "72",
  "elk.spacing.nodeNode": "32",
  "elk.layered.crossingMinimization.semiInteractive": "true",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.padding": "[left=0, top=0, right=0, bottom=0]",
};
/** Between parts that no wire joins. */
const APART = 40;

/**
 * Bodies first: a container's size follows from what it holds.
 *
 * @param only Arranges these among themselves, where they are; else all nodes.
 * @returns Places of the nodes that move.
 */
export async function arranged(
  document: FlowDocument,
  catalogue: Catalogue,
  elk: Elk,
  only?: ReadonlySet<string>,
): Promise<Places> {
  const places: Places = {};
  let current = document;
  const containers = [...indexOf(document).nodes.values()].filter((placed) => placed.node.body);
  containers.sort((one, other) => other.chain.length - one.chain.length);
  for (const scope of [...containers.map((placed) => placed.id), null]) {
    const found = await inScope(elk, current, catalogue, scope, only);
    Object.assign(places, found);
    current = { ...current, ui: { ...current.ui, positions: { ...current.ui.positions, ...found } } };
  }
  const { positions } = document.ui;
  return Object.fromEntries(
    Object.entries(places).filter(([id, at]) => positions[id]?.x !== at.x || positions[id]?.y !== at.y),
  );
}

async function inScope(
  elk: Elk,
  document: FlowDocument,
  catalogue: Catalogue,
  scope: Scope,
  only: ReadonlySet<string> | undefined,
): Promise<Places> {
  const graph = graphAt(document, scope);
  const ids = Object.keys(graph.nodes).filter(
    (id) => graph.nodes[id]?.kind !== NOTE && (only?.has(id) ?? true),
  );
  const parts: Places[] = [];
  for (const part of joined(graph, ids)) {
    const laid = part.length === 1 ? {} : await layered(elk, document, catalogue, graph, part);
    parts.push(whereItWas(document, part, laid));
  }
  const boxOf = (places: Places) => around(document, catalogue, places);
  const places = only ? Object.assign({}, ...parts) : keptApart(parts, boxOf);
  return scope === null || only
    ? places
    : toCorner(places, boxOf(places), {
        x: BODY_PADDING,
        y: bodyTop(document, catalogue, scope),
      });
}

/** The ids in sets, each of which wires join. */
function joined(graph: Graph, ids: string[]): string[][] {
  const next = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { source, target } of Object.values(graph.edges)) {
    if (!next.has(source) || !next.has(target)) continue;
    next.get(source)?.push(target);
    next.get(target)?.push(source);
  }
  const seen = new Set<string>();
  const parts: string[][] = [];
  for (const id of ids) {
    if (seen.has(id)) continue;
    seen.add(id);
    const part = [id];
    for (const one of part) {
      for (const other of next.get(one) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts;
}

async function layered(
  elk: Elk,
  document: FlowDocument,
  catalogue: Catalogue,
  graph: Graph,
  part: string[],
): Promise<Places> {
  const inside = new Set(part);
  const children: ElkNode[] = part.map((id) => {
    const shape = shapeOf(bare(document, id), catalogue, id);
    const dot = (side: "WEST" | "EAST", name: string, y: number) => ({
      id: `${id} ${side} ${name}`,
      x: side === "WEST" ? 0 : shape.width,
      y,
      width: 1,
      height: 1,
      layoutOptions: { "port.side": side },
    });
    const { x = 0, y = 0 } = document.ui.positions[id] ?? {};
    return {
      id,
      width: shape.width,
      height: shape.height,
      ports: [
        ...shape.inputs.map((port) => dot("WEST", port.name, port.y)),
        ...shape.outputs.map((port) => dot("EAST", port.name, port.y)),
      ],
      layoutOptions: { "elk.portConstraints": "FIXED_POS", "elk.position": `(${x},${y})` },
    };
  });
  const result = await elk.layout({
    id: "root",
    layoutOptions: LAYERED,
    children,
    edges: Object.entries(graph.edges)
      .filter(([, edge]) => inside.has(edge.source) && inside.has(edge.target))
      .map(([id, edge]) => ({
        id,
        sources: [`${edge.source} EAST ${edge.source_port}`],
        targets: [`${edge.target} WEST ${edge.target_port}`],
      })),
  });
  return Object.fromEntries(
    (result.children ?? []).map((child) => [
      child.id,
      { x: Math.round(child.x ?? 0), y: Math.round(child.y ?? 0) },
    ]),
  );
}

/** Shifts a part so that as many of its nodes as possible stay where they are, and snaps the rest to the grid. */
function whereItWas(document: FlowDocument, part: string[], laid: Places): Places {
  const old = (id: string) => document.ui.positions[id] ?? { x: 0, y: 0 };
  const by = {
    x: commonest(part.map((id) => old(id).x - (laid[id]?.x ?? old(id).x))),
    y: commonest(part.map((id) => old(id).y - (laid[id]?.y ?? old(id).y))),
  };
  return Object.fromEntries(
    part.map((id) => {
      const at = laid[id];
      return [id, at ? { x: at.x + by.x, y: at.y + by.y } : { x: old(id).x, y: old(id).y }];
    }),
  );
}

/** The shift that most nodes agree on to within the grid; the middle one where none do. */
function commonest(shifts: number[]): number {
  const sorted = [...shifts].sort((one, other) => one - other);
  let best = sorted[Math.floor(sorted.length / 2)] ?? 0;
  let most = 1;
  for (const shift of sorted) {
    const count = sorted.filter((other) => Math.abs(other - shift) < GRID / 2).length;
    if (count > most) [best, most] = [shift, count];
  }
  return Math.round(best);
}

/** Parts from the top on: one that lies on another goes below it. */
function keptApart(parts: Places[], boxOf: (places: Places) => Box): Places {
  const boxes: Box[] = [];
  const all: Places = {};
  const sorted = parts.map((places) => ({ places, box: boxOf(places) }));
  sorted.sort((one, other) => one.box.y - other.box.y || one.box.x - other.box.x);
  for (const { places, box } of sorted) {
    const spot = { ...box };
    for (
      let hit = boxes.find((one) => overlap(one, spot));
      hit;
      hit = boxes.find((one) => overlap(one, spot))
    )
      spot.y = hit.y + hit.height + APART;
    boxes.push(spot);
    for (const [id, at] of Object.entries(places)) all[id] = { x: at.x, y: at.y + spot.y - box.y };
  }
  return all;
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function around(document: FlowDocument, catalogue: Catalogue, places: Places): Box {
  const boxes = Object.entries(places).map(([id, at]) => {
    const { width, height } = shapeOf(bare(document, id), catalogue, id);
    return { left: at.x, top: at.y, right: at.x + width, bottom: at.y + height };
  });
  const x = Math.min(...boxes.map((box) => box.left));
  const y = Math.min(...boxes.map((box) => box.top));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.right)) - x,
    height: Math.max(...boxes.map((box) => box.bottom)) - y,
  };
}

function toCorner(places: Places, box: Box, corner: { x: number; y: number }): Places {
  return Object.fromEntries(
    Object.entries(places).map(([id, at]) => [
      id,
      { x: at.x - box.x + corner.x, y: at.y - box.y + corner.y },
    ]),
  );
}

/** Without a size that was dragged: a container shrinks to what it holds. */
function bare(document: FlowDocument, id: string): FlowDocument {
  const place = document.ui.positions[id];
  if (place?.width === undefined) return document;
  const positions = { ...document.ui.positions, [id]: { x: place.x, y: place.y } };
  return { ...document, ui: { ...document.ui, positions } };
}
