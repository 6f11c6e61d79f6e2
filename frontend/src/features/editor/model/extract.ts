/** Taking a part of a flow out into a flow of its own, with a node in its place that runs it. */
import { copyNodes } from "./clipboard";
import { addEdge, disconnect, downstream } from "./connect";
import { emptyDocument, indexOf, withGraph, withPositions } from "./document";
import { freeNodeId } from "./ids";
import { addNode, titleOf, withRequirement } from "./nodes";
import { kindOf, portNamed } from "./ports";
import { isFixed, removeNodes } from "./remove";
import type { Catalogue, FlowDocument, FlowEdge, Position } from "./types";

export const SUBFLOW = "subflow";

export interface Extracted {
  /** The flow that is taken out. */
  inner: FlowDocument;
  takes: { name: string; type: string; required: boolean }[];
  gives: { name: string; type: string }[];
  ids: string[];
  scope: string | null;
  /** Wires into and out of the node that takes the place; the end there names its port only. */
  inward: { source: string; source_port: string; port: string }[];
  outward: { port: string; target: string; target_port: string }[];
}

export type NotExtracted = "nothing" | "cycle";

const TYPES = new Set(["text", "number", "boolean", "list", "record", "messages", "documents", "file"]);

/** Works out the flow within; nodes where a run begins or ends stay outside. */
export function extract(
  document: FlowDocument,
  catalogue: Catalogue,
  selected: Iterable<string>,
): Extracted | NotExtracted {
  const index = indexOf(document);
  const all = [...selected].filter((id) => index.nodes.has(id) && !isFixed(document, id));
  const scope = index.nodes.get(all[0] ?? "")?.scope ?? null;
  const ids = all.filter((id) => {
    const placed = index.nodes.get(id);
    const role = placed && kindOf(catalogue, placed.node.kind)?.role;
    return placed?.scope === scope && role !== "input" && role !== "output";
  });
  const clip = copyNodes(document, catalogue, ids);
  if (!clip) return "nothing";
  if (leadsBack(document, ids)) return "cycle";

  const inside = new Set(ids);
  const names = new Set<string>();
  let inner: FlowDocument = { ...emptyDocument(), graph: clip.graph };
  inner = withPositions(inner, moved(clip.positions, Object.keys(clip.graph.nodes)));
  for (const id of indexOf(inner).nodes.keys()) {
    const node = indexOf(inner).nodes.get(id)?.node;
    if (node) inner = withRequirement(inner, kindOf(catalogue, node.kind));
  }

  const takes: Extracted["takes"] = [];
  const inward: Extracted["inward"] = [];
  const crossing = [...index.edges.values()].map((placed) => placed.edge);
  const into = crossing.filter((edge) => inside.has(edge.target) && !inside.has(edge.source));
  const inputs = new Map<string, { id: string; name: string }>();
  for (const edge of into) {
    const key = inputKey(document, catalogue, edge, into);
    let input = inputs.get(key);
    if (!input) {
      const port = portOf(document, catalogue, edge.source, edge.source_port, "output");
      const type = port && TYPES.has(port.type) ? port.type : "any";
      const stem = generic(edge.source_port) ? edge.target_port : edge.source_port;
      const name = freeName(names, generic(stem) ? titleAt(document, catalogue, edge.source) : stem);
      const added = addNode(inner, catalogue, {
        kind: "input",
        position: { x: 0, y: inputs.size * 120 },
        settings: { name, type },
      });
      inner = added.document;
      input = { id: added.id, name };
      inputs.set(key, input);
      takes.push({ name, type, required: true });
    }
    inner = addEdge(inner, {
      source: input.id,
      source_port: "output",
      target: edge.target,
      target_port: edge.target_port,
    });
    const same = inward.some(
      (wire) =>
        wire.source === edge.source && wire.source_port === edge.source_port && wire.port === input.name,
    );
    if (!same) inward.push({ source: edge.source, source_port: edge.source_port, port: input.name });
  }

  const gives: Extracted["gives"] = [];
  const outward: Extracted["outward"] = [];
  const outputs = new Map<string, string>();
  const right =
    Math.max(0, ...Object.keys(clip.graph.nodes).map((id) => inner.ui.positions[id]?.x ?? 0)) + 320;
  for (const edge of crossing) {
    if (!inside.has(edge.source) || inside.has(edge.target)) continue;
    const key = `${edge.source} ${edge.source_port}`;
    let name = outputs.get(key);
    if (name === undefined) {
      const port = portOf(document, catalogue, edge.source, edge.source_port, "output");
      name = freeName(
        names,
        generic(edge.source_port) ? titleAt(document, catalogue, edge.source) : edge.source_port,
      );
      const added = addNode(inner, catalogue, {
        kind: "output",
        position: { x: right, y: outputs.size * 120 },
        settings: { name },
      });
      inner = addEdge(added.document, {
        source: edge.source,
        source_port: edge.source_port,
        target: added.id,
        target_port: "value",
      });
      outputs.set(key, name);
      gives.push({ name, type: port && TYPES.has(port.type) ? port.type : "any" });
    }
    outward.push({ port: name, target: edge.target, target_port: edge.target_port });
  }
  return { inner, takes, gives, ids, scope, inward, outward };
}

/** Puts the node that runs the new flow where its nodes were. */
export function putSubflow(
  document: FlowDocument,
  catalogue: Catalogue,
  extracted: Extracted,
  flow: { id: string; name: string },
): { document: FlowDocument; id: string } {
  const { ids, scope, takes, gives, inward, outward } = extracted;
  const places = ids.map((id) => document.ui.positions[id] ?? { x: 0, y: 0 });
  const middle = (values: number[]) => Math.round((Math.min(...values) + Math.max(...values)) / 2);
  const position = { x: middle(places.map(({ x }) => x)), y: middle(places.map(({ y }) => y)) };
  const wires = [...indexOf(document).edges.values()].filter(
    ({ edge }) => ids.includes(edge.source) || ids.includes(edge.target),
  );
  let next = removeNodes(
    disconnect(
      document,
      wires.map(({ key }) => key),
    ),
    catalogue,
    ids,
  );
  const id = freeNodeId(document, SUBFLOW);
  next = withGraph(next, scope, (graph) => ({
    ...graph,
    nodes: {
      ...graph.nodes,
      [id]: {
        kind: SUBFLOW,
        title: flow.name,
        settings: { flow: flow.id, flow_version: "draft", takes, gives },
      },
    },
  }));
  next = withPositions(next, { [id]: position });
  for (const wire of inward) {
    next = addEdge(next, {
      source: wire.source,
      source_port: wire.source_port,
      target: id,
      target_port: wire.port,
    });
  }
  for (const wire of outward) {
    next = addEdge(next, {
      source: id,
      source_port: wire.port,
      target: wire.target,
      target_port: wire.target_port,
    });
  }
  return { document: withRequirement(next, kindOf(catalogue, SUBFLOW)), id };
}

/** One node would have to wait for itself: a wire leaves the selection and comes back to it. */
function leadsBack(document: FlowDocument, ids: string[]): boolean {
  const inside = new Set(ids);
  const { outgoing } = indexOf(document);
  return ids.some((id) =>
    (outgoing.get(id) ?? []).some(
      ({ edge }) =>
        !inside.has(edge.target) && [...downstream(document, edge.target)].some((other) => inside.has(other)),
    ),
  );
}

/** Values of one source share an input; so do branches of which one reaches a port. */
function inputKey(document: FlowDocument, catalogue: Catalogue, edge: FlowEdge, into: FlowEdge[]): string {
  const port = portOf(document, catalogue, edge.target, edge.target_port, "input");
  const rivals = into.filter(
    (other) => other.target === edge.target && other.target_port === edge.target_port,
  );
  return rivals.length > 1 && !port?.multiple
    ? `to ${edge.target} ${edge.target_port}`
    : `from ${edge.source} ${edge.source_port}`;
}

function portOf(
  document: FlowDocument,
  catalogue: Catalogue,
  id: string,
  name: string,
  side: "input" | "output",
) {
  const node = indexOf(document).nodes.get(id)?.node;
  return node && portNamed(node, catalogue, side, name);
}

const generic = (name: string) => ["output", "value", "result", "items"].includes(name);

function titleAt(document: FlowDocument, catalogue: Catalogue, id: string): string {
  const node = indexOf(document).nodes.get(id)?.node;
  return node ? titleOf(node, kindOf(catalogue, node.kind)) : id;
}

/** Inputs and outputs have names that a program can write. */
function freeName(taken: Set<string>, wanted: string): string {
  const plain = wanted
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 48);
  const stem = plain === "" ? "value" : /^[0-9]/.test(plain) ? `_${plain}` : plain;
  let name = stem;
  for (let number = 2; taken.has(name); number++) name = `${stem}_${number}`;
  taken.add(name);
  return name;
}

/** Room at the left for the inputs. */
function moved(positions: Record<string, Position>, tops: string[]): Record<string, Position> {
  return Object.fromEntries(
    Object.entries(positions).map(([id, place]) => [
      id,
      tops.includes(id) ? { ...place, x: place.x + 320 } : place,
    ]),
  );
}
