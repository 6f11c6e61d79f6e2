/** The canvas library's nodes and edges, derived from the document and reused where nothing changed. */
import { Position as Border, type Edge, type Node } from "@xyflow/react";
import { indexOf } from "../model/document";
import { type Shape, shapeOf } from "../model/geometry";
import { frameOf, groupNodeId, groupsOf, hiddenNodes } from "../model/groups";
import { NOTE } from "../model/nodes";
import { kindOf, portsOf } from "../model/ports";
import type { Catalogue, FlowDocument, Scope } from "../model/types";

export type CanvasNode = Node<{ shape: Shape }, "card" | "container" | "note" | "group">;
export type CanvasEdge = Edge<
  { type: string; lost: boolean; source: string; source_port: string; target: string },
  "wire"
>;

/** Width and height of a port's dot. */
export const DOT = 12;

/** Where wires of hidden nodes end at their folded group. */
export const GROUP_IN = "in";
export const GROUP_OUT = "out";

/** Containers come before what they hold, as the canvas library asks; groups before their nodes. */
export function canvasNodes(
  document: FlowDocument,
  catalogue: Catalogue,
  previous: CanvasNode[],
  selected: ReadonlySet<string>,
): CanvasNode[] {
  const known = new Map(previous.map((node) => [node.id, node]));
  const nodes: CanvasNode[] = [];
  const hidden = hiddenNodes(document);
  const frames = framesByFirst(document, catalogue);
  for (const { id: nodeId, node, scope } of indexOf(document).nodes.values()) {
    const frame = frames.get(nodeId);
    const drawn = [
      ...(frame ? [frame] : []),
      ...(hidden.has(nodeId)
        ? []
        : [
            {
              id: nodeId,
              type:
                node.kind === NOTE
                  ? ("note" as const)
                  : node.body
                    ? ("container" as const)
                    : ("card" as const),
              place: document.ui.positions[nodeId] ?? { x: 0, y: 0 },
              shape: shapeOf(document, catalogue, nodeId),
            },
          ]),
    ];
    for (const { id, type, place, shape } of drawn) nodes.push(canvasNode(id, type, place, shape, scope));
  }
  return nodes;

  function canvasNode(
    id: string,
    type: NonNullable<CanvasNode["type"]>,
    place: { x: number; y: number },
    shape: Shape,
    scope: Scope,
  ): CanvasNode {
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
      return old;
    }
    const kept = old && sameShape(old.data.shape, shape) ? old : null;
    return {
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
      // The frame lies under its nodes and lets the mouse through to the canvas; its title takes it.
      ...(type === "group" && shape.outputs.length === 0
        ? { zIndex: -1, style: { pointerEvents: "none" as const } }
        : {}),
    };
  }
}

interface DrawnFrame {
  id: string;
  type: "group";
  place: { x: number; y: number };
  shape: Shape;
}

/** The frame of each group, by the first of its nodes that is drawn: it comes just before that. */
function framesByFirst(document: FlowDocument, catalogue: Catalogue): Map<string, DrawnFrame> {
  const frames = new Map<string, DrawnFrame>();
  const groups = Object.entries(groupsOf(document));
  if (groups.length === 0) return frames;
  const order = [...indexOf(document).nodes.keys()];
  for (const [key, group] of groups) {
    const members = new Set(group.node_ids);
    const first = order.find((id) => members.has(id));
    if (first === undefined) continue;
    const { x, y, width, height } = frameOf(document, catalogue, group);
    const end = (name: string, at: number) => (group.collapsed ? [{ name, x: at, y: height / 2 }] : []);
    frames.set(first, {
      id: groupNodeId(key),
      type: "group",
      place: { x, y },
      shape: {
        width,
        height,
        ports: { inputs: [], outputs: [], lost: new Set() },
        inputs: end(GROUP_IN, 0),
        outputs: end(GROUP_OUT, width),
      },
    });
  }
  return frames;
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
    one.outputs.length === other.outputs.length &&
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
  const hidden = hiddenNodes(document);
  const end = (node: string, port: string, folded: string): [string, string] => {
    const group = hidden.get(node);
    return group === undefined ? [node, port] : [groupNodeId(group), folded];
  };
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
    const [drawnSource, sourceHandle] = end(edge.source, edge.source_port, GROUP_OUT);
    const [drawnTarget, targetHandle] = end(edge.target, edge.target_port, GROUP_IN);
    if (drawnSource === drawnTarget) continue;
    if (
      old &&
      old.source === drawnSource &&
      old.target === drawnTarget &&
      old.sourceHandle === sourceHandle &&
      old.targetHandle === targetHandle &&
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
      source: drawnSource,
      sourceHandle,
      target: drawnTarget,
      targetHandle,
      selected: isSelected,
      ...(drawnSource === edge.source && drawnTarget === edge.target ? {} : { reconnectable: false }),
      data: { type, lost, source: edge.source, source_port: edge.source_port, target: edge.target },
    });
  }
  return edges;
}
