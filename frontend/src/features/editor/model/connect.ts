/** Wires: what may be connected, and connecting it. */

import { graphAt, indexOf, withGraph } from "./document";
import { freeEdgeId } from "./ids";
import { kindOf, portNamed, portsOf, type Side, typesConnect, variableField } from "./ports";
import type { Catalogue, FlowDocument, FlowEdge, Graph, Kind, Port } from "./types";

export interface PortEnd {
  node: string;
  port: string;
  side: Side;
}

/** Why two ports can't be wired; null where they can. */
export type Refusal = "same_node" | "other_body" | "no_port" | "types" | "cycle" | "exists" | "sides";

export function refusalOf(document: FlowDocument, catalogue: Catalogue, edge: FlowEdge): Refusal | null {
  const index = indexOf(document);
  const source = index.nodes.get(edge.source);
  const target = index.nodes.get(edge.target);
  if (!source || !target) return "no_port";
  if (edge.source === edge.target) return "same_node";
  if (source.scope !== target.scope) return "other_body";
  const from = portNamed(source.node, catalogue, "output", edge.source_port);
  const to = portNamed(target.node, catalogue, "input", edge.target_port);
  if (!from || !to) return "no_port";
  if (!typesConnect(catalogue, from.type, to.type)) return "types";
  const same = (index.incoming.get(edge.target) ?? []).some(
    (other) =>
      other.edge.source === edge.source &&
      other.edge.source_port === edge.source_port &&
      other.edge.target_port === edge.target_port,
  );
  if (same) return "exists";
  return reaches(document, edge.target, edge.source) ? "cycle" : null;
}

/** Whether a walk along the wires leads from one node to another. */
export function reaches(document: FlowDocument, from: string, to: string): boolean {
  return downstream(document, from).has(to);
}

export function downstream(document: FlowDocument, from: string): Set<string> {
  const { outgoing } = indexOf(document);
  return walkAll(from, (id) => (outgoing.get(id) ?? []).map((placed) => placed.edge.target));
}

export function upstream(document: FlowDocument, from: string): Set<string> {
  const { incoming } = indexOf(document);
  return walkAll(from, (id) => (incoming.get(id) ?? []).map((placed) => placed.edge.source));
}

function walkAll(from: string, next: (id: string) => string[]): Set<string> {
  const seen = new Set([from]);
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of next(id)) {
      if (!seen.has(other)) {
        seen.add(other);
        open.push(other);
      }
    }
  }
  return seen;
}

/** Adds the wire, or returns the document as it is where that is refused. */
export function connect(document: FlowDocument, catalogue: Catalogue, edge: FlowEdge): FlowDocument {
  if (refusalOf(document, catalogue, edge)) return document;
  return addEdge(document, edge);
}

/** Adds a wire unchecked: to a port that a later setting will declare. */
export function addEdge(document: FlowDocument, edge: FlowEdge): FlowDocument {
  const scope = indexOf(document).nodes.get(edge.target)?.scope ?? null;
  return withGraph(document, scope, (graph) => ({
    ...graph,
    edges: { ...graph.edges, [freeEdgeId(graph)]: edge },
  }));
}

export function disconnect(document: FlowDocument, keys: Iterable<string>): FlowDocument {
  let next = document;
  for (const key of keys) {
    const placed = indexOf(document).edges.get(key);
    if (!placed) continue;
    next = withGraph(next, placed.scope, (graph) => withoutEdges(graph, (id) => id === placed.id));
  }
  return next;
}

export function withoutEdges(graph: Graph, drop: (id: string, edge: FlowEdge) => boolean): Graph {
  const kept = Object.entries(graph.edges).filter(([id, edge]) => !drop(id, edge));
  if (kept.length === Object.keys(graph.edges).length) return graph;
  return { ...graph, edges: Object.fromEntries(kept) };
}

/** The ports of a node that would take a wire to or from a port of this type. */
export function fittingPorts(ports: Port[], type: string, from: Side, catalogue: Catalogue): Port[] {
  return ports.filter((port) =>
    from === "output" ? typesConnect(catalogue, type, port.type) : typesConnect(catalogue, port.type, type),
  );
}

/** The port of the other node to take by default: a needed one first, of the exact type if there is one. */
export function bestPort(
  document: FlowDocument,
  catalogue: Catalogue,
  end: PortEnd,
  other: string,
): string | null {
  const index = indexOf(document);
  const node = index.nodes.get(end.node)?.node;
  const otherNode = index.nodes.get(other)?.node;
  const port = node && portNamed(node, catalogue, end.side, end.port);
  if (!port || !otherNode) return null;
  const ports = portsOf(otherNode, kindOf(catalogue, otherNode.kind));
  const fitting = fittingPorts(
    end.side === "output" ? ports.inputs : ports.outputs,
    port.type,
    end.side,
    catalogue,
  );
  const wired = new Set((index.incoming.get(other) ?? []).map((placed) => placed.edge.target_port));
  const free = fitting.filter((one) => end.side === "input" || one.multiple || !wired.has(one.name));
  const pick =
    free.find((one) => one.type === port.type && one.required) ??
    free.find((one) => one.required) ??
    free.find((one) => one.type === port.type) ??
    free[0] ??
    fitting[0];
  return pick?.name ?? null;
}

/** All ports that a wire drawn from this end may reach: node id to port names. */
export function fitsFrom(
  document: FlowDocument,
  catalogue: Catalogue,
  end: PortEnd,
): Map<string, Set<string>> {
  const index = indexOf(document);
  const start = index.nodes.get(end.node);
  const port = start && portNamed(start.node, catalogue, end.side, end.port);
  const fits = new Map<string, Set<string>>();
  if (!start || !port) return fits;
  const loops = end.side === "output" ? upstream(document, end.node) : downstream(document, end.node);
  for (const [id, node] of Object.entries(graphAt(document, start.scope).nodes)) {
    if (loops.has(id)) continue;
    const ports = portsOf(node, kindOf(catalogue, node.kind));
    const names = fittingPorts(
      end.side === "output" ? ports.inputs : ports.outputs,
      port.type,
      end.side,
      catalogue,
    ).map((one) => one.name);
    if (names.length > 0) fits.set(id, new Set(names));
  }
  return fits;
}

/** Whether a new node of this kind has a port for a wire drawn from a port of this type, or a text that makes one. */
export function kindFits(kind: Kind, type: string, from: Side, catalogue: Catalogue): boolean {
  if (from === "output" && variableField(kind) && typesConnect(catalogue, type, "text")) return true;
  const ports = portsOf({ kind: kind.key, settings: {} }, kind);
  return fittingPorts(from === "output" ? ports.inputs : ports.outputs, type, from, catalogue).length > 0;
}
