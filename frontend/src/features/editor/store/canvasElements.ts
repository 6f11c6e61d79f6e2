/** The canvas library's nodes and edges, derived from the document and reused where nothing changed. */
import { Position as Border, type Edge, type Node } from "@xyflow/react";
import { indexOf } from "../model/document";
import { type Shape, shapeOf } from "../model/geometry";
import { NOTE } from "../model/nodes";
import { kindOf, portsOf } from "../model/ports";
import type { Catalogue, FlowDocument } from "../model/types";

export type CanvasNode = Node<{ shape: Shape }, "card" | "container" | "note">;
export type CanvasEdge = Edge<{ type: string; lost: boolean }, "wire">;

/** Width and height of a port's dot. */
export const DOT = 12;

/** Containers come before what they hold, as the canvas library asks. */
export function canvasNodes(
  document: FlowDocument,
  catalogue: Catalogue,
  previous: CanvasNode[],
  selected: ReadonlySet<string>,
): CanvasNode[] {
  const known = new Map(previous.map((node) => [node.id, node]));
  const nodes: CanvasNode[] = [];
  for (const { id, node, scope } of indexOf(document).nodes.values()) {
    const place = document.ui.positions[id] ?? { x: 0, y: 0 };
    const shape = shapeOf(document, catalogue, id);
    const type = node.kind === NOTE ? "note" : node.body ? "container" : "card";
    const old = known.get(id);
    const isSelected = selected.has(id);
    if (
      old &&
      old.type === type &&
      old.position.x === place.x &&
      old.position.y === place.y &&
      old.parentId === (scope ?? undefined) &&
      Boolean(old.selected) === isSelected &&
      !old.dragging &&
      sameShape(old.data.shape, shape)
    ) {
      nodes.push(old);
      continue;
    }
    const kept = old && sameShape(old.data.shape, shape) ? old : null;
    nodes.push({
      id,
      type,
      position: { x: place.x, y: place.y },
      ...(scope === null ? {} : { parentId: scope }),
      selected: isSelected,
      width: shape.width,
      height: shape.height,
      measured: { width: shape.width, height: shape.height },
      data: kept?.data ?? { shape },
      handles: kept?.handles ?? handlesOf(shape),
      ariaRole: "group",
    });
  }
  return nodes;
}

function handlesOf(shape: Shape): NonNullable<CanvasNode["handles"]> {
  const at =
    (type: "source" | "target", position: Border) => (port: { name: string; x: number; y: number }) => ({
      id: port.name,
      type,
      position,
      x: port.x - DOT / 2,
      y: port.y - DOT / 2,
      width: DOT,
      height: DOT,
    });
  return [...shape.inputs.map(at("target", Border.Left)), ...shape.outputs.map(at("source", Border.Right))];
}

function sameShape(one: Shape, other: Shape): boolean {
  return (
    one.width === other.width &&
    one.height === other.height &&
    samePorts(one, other, "inputs") &&
    samePorts(one, other, "outputs")
  );
}

function samePorts(one: Shape, other: Shape, side: "inputs" | "outputs"): boolean {
  const ports = one.ports[side];
  const others = other.ports[side];
  const mark = side === "inputs" ? "input" : "output";
  return (
    ports.length === others.length &&
    ports.every((port, at) => {
      const twin = others[at];
      return (
        port === twin ||
        (port.name === twin?.name &&
          port.type === twin.type &&
          port.title === twin.title &&
          one.ports.lost.has(`${mark}:${port.name}`) === other.ports.lost.has(`${mark}:${port.name}`))
      );
    })
  );
}

export function canvasEdges(
  document: FlowDocument,
  catalogue: Catalogue,
  previous: CanvasEdge[],
  selected: ReadonlySet<string>,
): CanvasEdge[] {
  const index = indexOf(document);
  const known = new Map(previous.map((edge) => [edge.id, edge]));
  const edges: CanvasEdge[] = [];
  for (const { key, edge } of index.edges.values()) {
    const source = index.nodes.get(edge.source);
    const target = index.nodes.get(edge.target);
    if (!source || !target) continue;
    const from = portsOf(source.node, kindOf(catalogue, source.node.kind));
    const to = portsOf(target.node, kindOf(catalogue, target.node.kind));
    const port = from.outputs.find((one) => one.name === edge.source_port);
    const type = port?.type ?? "any";
    const lost = !port || !to.inputs.some((one) => one.name === edge.target_port);
    const old = known.get(key);
    const isSelected = selected.has(key);
    if (
      old &&
      old.source === edge.source &&
      old.target === edge.target &&
      old.sourceHandle === edge.source_port &&
      old.targetHandle === edge.target_port &&
      old.data?.type === type &&
      old.data.lost === lost &&
      Boolean(old.selected) === isSelected
    ) {
      edges.push(old);
      continue;
    }
    edges.push({
      id: key,
      type: "wire",
      source: edge.source,
      sourceHandle: edge.source_port,
      target: edge.target,
      targetHandle: edge.target_port,
      selected: isSelected,
      data: { type, lost },
    });
  }
  return edges;
}
