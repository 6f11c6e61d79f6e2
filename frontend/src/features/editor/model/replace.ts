/** Putting a node of another kind in a node's place, and a new node on a wire. */
import { addEdge, bestPort, connect, disconnect, refusalOf } from "./connect";
import { indexOf, withNode } from "./document";
import { type Added, addNode, titleOf, withRequirement } from "./nodes";
import { kindOf, portNamed, portsOf, typesConnect } from "./ports";
import { removeNodes } from "./remove";
import { fieldsOf } from "./schema";
import type { Catalogue, FlowDocument, FlowEdge, Port, Position } from "./types";
import { openVariable } from "./upstream";

/** Replaces a node's kind; wires move to the port of the same name, else of a fitting type. */
export function replaceKind(
  document: FlowDocument,
  catalogue: Catalogue,
  id: string,
  kindKey: string,
): Added {
  const index = indexOf(document);
  const placed = index.nodes.get(id);
  const kind = kindOf(catalogue, kindKey);
  if (!placed || !kind) return { document, id };
  const names = new Set(fieldsOf(kind).map((field) => field.name));
  const settings = Object.fromEntries(
    Object.entries(placed.node.settings).filter(([name]) => names.has(name)),
  );
  const position = document.ui.positions[id] ?? { x: 0, y: 0 };
  const old = portsOf(placed.node, kindOf(catalogue, placed.node.kind));
  const wires = [...(index.incoming.get(id) ?? []), ...(index.outgoing.get(id) ?? [])];

  let next = disconnect(
    document,
    wires.map((wire) => wire.key),
  );
  const added = addNode(next, catalogue, {
    kind: kindKey,
    position: { x: position.x, y: position.y },
    scope: placed.scope,
    settings,
    ...(placed.node.title ? { title: placed.node.title } : {}),
  });
  next = added.document;
  if (placed.node.policy || placed.node.disabled) {
    const { policy, disabled } = placed.node;
    next = withNode(next, added.id, (node) => ({
      ...node,
      ...(policy ? { policy } : {}),
      ...(disabled ? { disabled } : {}),
    }));
  }
  const node = indexOf(next).nodes.get(added.id)?.node;
  const ports = node ? portsOf(node, kind) : { inputs: [], outputs: [] };
  for (const { edge } of wires) {
    const moved = rewired(edge, id, added.id, old, ports, catalogue);
    if (moved && refusalOf(next, catalogue, moved) === null) next = addEdge(next, moved);
  }
  next = removeNodes(next, catalogue, [id]);
  return { document: withRequirement(next, kind), id: added.id };
}

function rewired(
  edge: FlowEdge,
  oldId: string,
  newId: string,
  old: { inputs: Port[]; outputs: Port[] },
  ports: { inputs: Port[]; outputs: Port[] },
  catalogue: Catalogue,
): FlowEdge | null {
  if (edge.target === oldId) {
    const was = old.inputs.find((port) => port.name === edge.target_port);
    const now =
      ports.inputs.find((port) => port.name === edge.target_port) ??
      ports.inputs.find((port) => was && typesConnect(catalogue, was.type, port.type));
    return now ? { ...edge, target: newId, target_port: now.name } : null;
  }
  const was = old.outputs.find((port) => port.name === edge.source_port);
  const now =
    ports.outputs.find((port) => port.name === edge.source_port) ??
    ports.outputs.find((port) => was && typesConnect(catalogue, port.type, was.type));
  return now ? { ...edge, source: newId, source_port: now.name } : null;
}

/** Puts a new node on a wire: source to it, it to target, as far as the types allow. */
export function insertOnEdge(
  document: FlowDocument,
  catalogue: Catalogue,
  key: string,
  kindKey: string,
  position: Position,
): Added | null {
  const placed = indexOf(document).edges.get(key);
  if (!placed) return null;
  const { edge, scope } = placed;
  const added = addNode(disconnect(document, [key]), catalogue, {
    kind: kindKey,
    position,
    scope,
  });
  let next = added.document;
  const into = bestPort(
    next,
    catalogue,
    { node: edge.source, port: edge.source_port, side: "output" },
    added.id,
  );
  if (into) {
    next = connect(next, catalogue, {
      source: edge.source,
      source_port: edge.source_port,
      target: added.id,
      target_port: into,
    });
  } else {
    const source = indexOf(document).nodes.get(edge.source)?.node;
    const port = source && portNamed(source, catalogue, "output", edge.source_port);
    const title = source ? titleOf(source, kindOf(catalogue, source.kind)) : "";
    next = (port && openVariable(next, catalogue, added.id, { node: edge.source, port }, title)) ?? next;
  }
  const out = bestPort(
    next,
    catalogue,
    { node: edge.target, port: edge.target_port, side: "input" },
    added.id,
  );
  if (out) {
    next = connect(next, catalogue, {
      source: added.id,
      source_port: out,
      target: edge.target,
      target_port: edge.target_port,
    });
  }
  return { document: next, id: added.id };
}
