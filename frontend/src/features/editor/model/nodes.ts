/** Adding nodes and changing what one says. */

import { indexOf, withGraph, withNode, withPositions } from "./document";
import { freeNodeId } from "./ids";
import { kindOf, portsOf, typesConnect } from "./ports";
import type {
  Catalogue,
  FlowDocument,
  FlowNode,
  Graph,
  Kind,
  Policy,
  Position,
  Scope,
  Settings,
} from "./types";

export const BODY_INPUT = "body_input";
export const BODY_OUTPUT = "body_output";
export const NOTE = "note";

export interface Added {
  document: FlowDocument;
  id: string;
}

export function addNode(
  document: FlowDocument,
  catalogue: Catalogue,
  what: { kind: string; position: Position; scope?: Scope; settings?: Settings; title?: string },
): Added {
  const id = freeNodeId(document, what.kind);
  const kind = kindOf(catalogue, what.kind);
  const node: FlowNode = { kind: what.kind, settings: what.settings ?? {} };
  if (what.title) node.title = what.title;
  const positions: Record<string, Position> = { [id]: what.position };
  if (kind?.tools) node.body = { nodes: {}, edges: {} };
  else if (kind?.body) node.body = newBody(document, catalogue, positions);
  let next = withGraph(document, what.scope ?? null, (graph) => ({
    ...graph,
    nodes: { ...graph.nodes, [id]: node },
  }));
  next = withPositions(next, positions);
  return { document: withRequirement(next, kind), id };
}

/** A container starts with its way in and its way out, wired where their types allow it. */
function newBody(document: FlowDocument, catalogue: Catalogue, positions: Record<string, Position>): Graph {
  const graph: Graph = { nodes: {}, edges: {} };
  const ends = [BODY_INPUT, BODY_OUTPUT].filter((key) => kindOf(catalogue, key));
  const ids = ends.map((key) => freeNodeId(document, key));
  ends.forEach((key, place) => {
    const id = ids[place] as string;
    graph.nodes[id] = { kind: key, settings: {} };
    positions[id] = { x: 24 + place * 344, y: 112 };
  });
  const [source, target] = ids;
  if (source && target) {
    const out = portsOf({ kind: BODY_INPUT, settings: {} }, kindOf(catalogue, BODY_INPUT)).outputs[0];
    const into = portsOf({ kind: BODY_OUTPUT, settings: {} }, kindOf(catalogue, BODY_OUTPUT)).inputs[0];
    if (out && into && typesConnect(catalogue, out.type, into.type)) {
      graph.edges.e1 = { source, source_port: out.name, target, target_port: into.name };
    }
  }
  return graph;
}

export function withRequirement(document: FlowDocument, kind: Kind | undefined): FlowDocument {
  if (!kind || document.requirements?.kinds?.[kind.key] === kind.version) return document;
  const { requirements } = document;
  return {
    ...document,
    requirements: { ...requirements, kinds: { ...requirements?.kinds, [kind.key]: kind.version } },
  };
}

/**
 * Changes settings. A port that a setting declares and that was renamed keeps its wires: of the
 * names before and after, exactly one went and one came.
 */
export function setSettings(
  document: FlowDocument,
  catalogue: Catalogue,
  id: string,
  settings: Settings,
): FlowDocument {
  const before = indexOf(document).nodes.get(id);
  if (!before || before.node.settings === settings) return document;
  const after: FlowNode = { ...before.node, settings };
  const kind = kindOf(catalogue, before.node.kind);
  const old = portsOf(before.node, kind);
  const now = portsOf(after, kind);
  const input = renamed(old.inputs, now.inputs);
  const output = renamed(old.outputs, now.outputs);
  return withGraph(document, before.scope, (graph) => {
    const nodes = { ...graph.nodes, [id]: after };
    if (!input && !output) return { ...graph, nodes };
    const edges = { ...graph.edges };
    for (const [key, edge] of Object.entries(graph.edges)) {
      if (input && edge.target === id && edge.target_port === input.from) {
        edges[key] = { ...edge, target_port: input.to };
      } else if (output && edge.source === id && edge.source_port === output.from) {
        edges[key] = { ...edge, source_port: output.to };
      }
    }
    return { nodes, edges };
  });
}

function renamed(before: { name: string }[], after: { name: string }[]): { from: string; to: string } | null {
  const old = new Set(before.map((port) => port.name));
  const now = new Set(after.map((port) => port.name));
  const gone = [...old].filter((name) => !now.has(name));
  const come = [...now].filter((name) => !old.has(name));
  return gone.length === 1 && come.length === 1 ? { from: gone[0] as string, to: come[0] as string } : null;
}

/** Sets one field; `undefined` takes it back to the schema's default. */
export function setField(
  document: FlowDocument,
  catalogue: Catalogue,
  id: string,
  name: string,
  value: unknown,
): FlowDocument {
  const node = indexOf(document).nodes.get(id)?.node;
  if (!node) return document;
  if (value === undefined) {
    if (!(name in node.settings)) return document;
    const { [name]: _gone, ...rest } = node.settings;
    return setSettings(document, catalogue, id, rest);
  }
  if (Object.is(node.settings[name], value)) return document;
  return setSettings(document, catalogue, id, { ...node.settings, [name]: value });
}

/** Lets a setting take its value along a wire, or from the form again; then its wires go. */
export function setWired(document: FlowDocument, id: string, name: string, on: boolean): FlowDocument {
  const placed = indexOf(document).nodes.get(id);
  const had = placed?.node.wired ?? [];
  if (!placed || had.includes(name) === on) return document;
  return withGraph(document, placed.scope, (graph) => {
    const { wired: _old, ...rest } = placed.node;
    const wired = on ? [...had, name] : had.filter((other) => other !== name);
    const edges = Object.entries(graph.edges).filter(
      ([, edge]) => on || edge.target !== id || edge.target_port !== name,
    );
    return {
      nodes: { ...graph.nodes, [id]: wired.length > 0 ? { ...rest, wired } : rest },
      edges: Object.fromEntries(edges),
    };
  });
}

export function rename(document: FlowDocument, id: string, title: string): FlowDocument {
  return withNode(document, id, (node) => {
    const { title: old, ...rest } = node;
    const trimmed = title.slice(0, 200);
    if (trimmed === (old ?? "")) return node;
    return trimmed === "" ? rest : { ...node, title: trimmed };
  });
}

export function setPolicy(document: FlowDocument, id: string, policy: Policy): FlowDocument {
  return withNode(document, id, (node) => {
    const { policy: _old, ...rest } = node;
    return isPlain(policy) ? rest : { ...rest, policy };
  });
}

function isPlain(policy: Policy): boolean {
  const { on_error = "stop", retry, timeout } = policy;
  return on_error === "stop" && (retry?.attempts ?? 1) === 1 && !timeout;
}

export function setDisabled(document: FlowDocument, ids: Iterable<string>, disabled: boolean): FlowDocument {
  let next = document;
  for (const id of ids) {
    next = withNode(next, id, (node) => {
      const { disabled: was, ...rest } = node;
      if (Boolean(was) === disabled) return node;
      return disabled ? { ...rest, disabled: true } : rest;
    });
  }
  return next;
}

/** Moves nodes; whole pixels keep the saved file small and its diffs readable. */
export function move(document: FlowDocument, to: Record<string, Position>): FlowDocument {
  const changed: Record<string, Position> = {};
  for (const [id, position] of Object.entries(to)) {
    const old = document.ui.positions[id];
    const x = Math.round(position.x);
    const y = Math.round(position.y);
    const width = position.width === undefined ? old?.width : Math.round(position.width);
    const height = position.height === undefined ? old?.height : Math.round(position.height);
    if (old && old.x === x && old.y === y && old.width === width && old.height === height) continue;
    changed[id] = { x, y };
    if (width !== undefined) changed[id].width = width;
    if (height !== undefined) changed[id].height = height;
  }
  return Object.keys(changed).length === 0 ? document : withPositions(document, changed);
}

export function titleOf(node: FlowNode, kind: Kind | undefined): string {
  return node.title || kind?.title || node.kind;
}
