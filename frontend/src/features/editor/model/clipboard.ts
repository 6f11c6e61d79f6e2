/** Copy and paste as plain JSON text, so that it crosses tabs, flows and chat windows. */
import { outermost, relativeTo, withInsides } from "./containers";
import { indexOf, withGraph, withPositions } from "./document";
import { freeEdgeId, freeNodeId } from "./ids";
import { withRequirement } from "./nodes";
import { kindOf } from "./ports";
import { isFixed } from "./remove";
import { fieldsOf } from "./schema";
import type { Catalogue, FlowDocument, FlowEdge, FlowNode, Graph, Position, Scope } from "./types";

const MARK = "flowloft/clip";

export interface Clip {
  schema: typeof MARK;
  schema_version: 1;
  graph: Graph;
  positions: Record<string, Position>;
}

export interface Pasted {
  document: FlowDocument;
  ids: string[];
}

export function copyNodes(document: FlowDocument, catalogue: Catalogue, ids: Iterable<string>): Clip | null {
  const index = indexOf(document);
  const tops = outermost(document, ids).filter((id) => !isFixed(document, id));
  if (tops.length === 0) return null;
  const nodes: Record<string, FlowNode> = {};
  for (const id of tops) {
    const node = index.nodes.get(id)?.node;
    if (node) nodes[id] = withoutSecrets(node, catalogue);
  }
  const edges: Record<string, FlowEdge> = {};
  for (const { edge } of index.edges.values()) {
    if (edge.source in nodes && edge.target in nodes) {
      edges[`e${Object.keys(edges).length + 1}`] = edge;
    }
  }
  const left = Math.min(...tops.map((id) => document.ui.positions[id]?.x ?? 0));
  const top = Math.min(...tops.map((id) => document.ui.positions[id]?.y ?? 0));
  const positions: Record<string, Position> = {};
  for (const id of withInsides(document, tops)) {
    const position = document.ui.positions[id];
    if (!position) continue;
    positions[id] = tops.includes(id) ? { ...position, x: position.x - left, y: position.y - top } : position;
  }
  return { schema: MARK, schema_version: 1, graph: { nodes, edges }, positions };
}

/** Drops the value of every setting that the kind marks as secret. */
function withoutSecrets(node: FlowNode, catalogue: Catalogue): FlowNode {
  const kind = kindOf(catalogue, node.kind);
  const secret = new Set(
    (kind ? fieldsOf(kind) : [])
      .filter((field) => field.schema["x-widget"] === "secret")
      .map((field) => field.name),
  );
  const settings = Object.fromEntries(Object.entries(node.settings).filter(([name]) => !secret.has(name)));
  if (!node.body) return { ...node, settings };
  const nodes = Object.fromEntries(
    Object.entries(node.body.nodes).map(([id, inner]) => [id, withoutSecrets(inner, catalogue)]),
  );
  return { ...node, settings, body: { ...node.body, nodes } };
}

export function clipText(clip: Clip): string {
  return JSON.stringify(clip, null, 1);
}

/** Reads a clip, or a whole exported flow, from text; null where it is neither. */
export function readClip(text: string): Clip | null {
  if (!text.trimStart().startsWith("{")) return null;
  let data: Record<string, unknown>;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  const graph = data.graph as Graph | undefined;
  if (!isGraph(graph)) return null;
  if (data.schema === MARK) return { ...(data as unknown as Clip), positions: positionsIn(data.positions) };
  if (data.schema !== "flowloft/flow") return null;
  const ui = data.ui as { positions?: unknown } | undefined;
  return { schema: MARK, schema_version: 1, graph, positions: positionsIn(ui?.positions) };
}

function isGraph(value: unknown): value is Graph {
  const graph = value as Partial<Graph> | null | undefined;
  if (!isRecord(graph) || !isRecord(graph.nodes) || !isRecord(graph.edges)) return false;
  return (
    Object.values(graph.nodes).every(
      (node) =>
        isRecord(node) &&
        typeof node.kind === "string" &&
        (node.settings === undefined || isRecord(node.settings)) &&
        (node.body === undefined || isGraph(node.body)),
    ) &&
    Object.values(graph.edges).every(
      (edge) =>
        isRecord(edge) &&
        [edge.source, edge.source_port, edge.target, edge.target_port].every(
          (end) => typeof end === "string",
        ),
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function positionsIn(value: unknown): Record<string, Position> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, place]) => isRecord(place) && Number.isFinite(place.x) && Number.isFinite(place.y),
    ),
  ) as Record<string, Position>;
}

/** Adds a clip under new ids. `at` is a canvas point: where the clip's top left corner goes. */
export function paste(
  document: FlowDocument,
  catalogue: Catalogue,
  clip: Clip,
  at: { x: number; y: number },
  scope: Scope = null,
): Pasted {
  const origin = relativeTo(document, scope, at);
  const names = new Map<string, string>();
  const taken = new Set<string>();
  claimNames(document, clip.graph, names, taken);
  const tops = Object.keys(clip.graph.nodes);
  const positions: Record<string, Position> = {};
  const xs = tops.map((id) => clip.positions[id]?.x ?? 0);
  const ys = tops.map((id) => clip.positions[id]?.y ?? 0);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  for (const [old, id] of names) {
    const place = clip.positions[old] ?? { x: 0, y: 0 };
    positions[id] =
      old in clip.graph.nodes
        ? { ...place, x: Math.round(origin.x + place.x - left), y: Math.round(origin.y + place.y - top) }
        : place;
  }
  const fresh = renamedGraph(clip.graph, names);
  let next = withGraph(document, scope, (graph) => {
    const joined: Graph = { nodes: { ...graph.nodes, ...fresh.nodes }, edges: { ...graph.edges } };
    for (const edge of Object.values(fresh.edges)) joined.edges[freeEdgeId(joined)] = edge;
    return joined;
  });
  next = withPositions(next, positions);
  for (const id of names.values()) {
    const node = indexOf(next).nodes.get(id)?.node;
    if (node) next = withRequirement(next, kindOf(catalogue, node.kind));
  }
  return { document: next, ids: tops.map((id) => names.get(id) ?? id) };
}

function claimNames(
  document: FlowDocument,
  graph: Graph,
  names: Map<string, string>,
  taken: Set<string>,
): void {
  for (const [old, node] of Object.entries(graph.nodes)) {
    const id = freeNodeId(document, node.kind, taken);
    names.set(old, id);
    taken.add(id);
    if (node.body) claimNames(document, node.body, names, taken);
  }
}

function renamedGraph(graph: Graph, names: Map<string, string>): Graph {
  const nodes: Record<string, FlowNode> = {};
  for (const [old, node] of Object.entries(graph.nodes)) {
    const fresh: FlowNode = { ...node, settings: node.settings ?? {} };
    if (node.body) fresh.body = renamedGraph(node.body, names);
    nodes[names.get(old) ?? old] = fresh;
  }
  const edges: Record<string, FlowEdge> = {};
  for (const [key, edge] of Object.entries(graph.edges)) {
    const source = names.get(edge.source);
    const target = names.get(edge.target);
    if (source && target) edges[key] = { ...edge, source, target };
  }
  return { nodes, edges };
}

/** A second copy of the nodes beside the first, in the same scope. */
export function duplicate(
  document: FlowDocument,
  catalogue: Catalogue,
  ids: Iterable<string>,
  offset = 40,
): Pasted {
  const tops = outermost(document, ids);
  const scope = indexOf(document).nodes.get(tops[0] ?? "")?.scope ?? null;
  const together = tops.filter((id) => indexOf(document).nodes.get(id)?.scope === scope);
  const clip = copyNodes(document, catalogue, together);
  if (!clip) return { document, ids: [] };
  const copied = Object.keys(clip.graph.nodes);
  const places = copied.map((id) => document.ui.positions[id] ?? { x: 0, y: 0 });
  const base = scope === null ? { x: 0, y: 0 } : relativeTo(document, scope, { x: 0, y: 0 });
  const at = {
    x: Math.min(...places.map((place) => place.x)) + offset - base.x,
    y: Math.min(...places.map((place) => place.y)) + offset - base.y,
  };
  return paste(document, catalogue, clip, at, scope);
}
