import type { FlowDocument, FlowEdge, FlowNode, Graph, Position, Scope } from "./types";

export interface PlacedNode {
  id: string;
  node: FlowNode;
  scope: Scope;
  /** Containers around it, outermost first. */
  chain: string[];
}

export interface PlacedEdge {
  key: string;
  id: string;
  edge: FlowEdge;
  scope: Scope;
}

export interface DocumentIndex {
  nodes: Map<string, PlacedNode>;
  /** By edge key, see `edgeKey`. */
  edges: Map<string, PlacedEdge>;
  incoming: Map<string, PlacedEdge[]>;
  outgoing: Map<string, PlacedEdge[]>;
}

export const EMPTY_GRAPH: Graph = { nodes: {}, edges: {} };

export function emptyDocument(): FlowDocument {
  return {
    schema: "flowloft/flow",
    schema_version: 1,
    kind: "flow",
    graph: EMPTY_GRAPH,
    ui: { positions: {}, groups: {} },
    requirements: { kinds: {}, models: [], credentials: [] },
  };
}

/** Edge ids are unique within their graph only; the key names one in the whole document. */
export function edgeKey(scope: Scope, id: string): string {
  return scope === null ? id : `${scope}/${id}`;
}

const indexes = new WeakMap<Graph, DocumentIndex>();

/** Where every node and edge sits. Kept per graph object, which is never changed in place. */
export function indexOf(document: FlowDocument): DocumentIndex {
  const known = indexes.get(document.graph);
  if (known) return known;
  const index: DocumentIndex = {
    nodes: new Map(),
    edges: new Map(),
    incoming: new Map(),
    outgoing: new Map(),
  };
  visit(document.graph, null, [], index);
  indexes.set(document.graph, index);
  return index;
}

function visit(graph: Graph, scope: Scope, chain: string[], index: DocumentIndex): void {
  for (const [id, node] of Object.entries(graph.nodes)) {
    index.nodes.set(id, { id, node, scope, chain });
    if (node.body) visit(node.body, id, [...chain, id], index);
  }
  for (const [id, edge] of Object.entries(graph.edges)) {
    const placed = { key: edgeKey(scope, id), id, edge, scope };
    index.edges.set(placed.key, placed);
    push(index.incoming, edge.target, placed);
    push(index.outgoing, edge.source, placed);
  }
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export function nodeAt(document: FlowDocument, id: string): FlowNode | undefined {
  return indexOf(document).nodes.get(id)?.node;
}

export function scopeOf(document: FlowDocument, id: string): Scope {
  return indexOf(document).nodes.get(id)?.scope ?? null;
}

export function graphAt(document: FlowDocument, scope: Scope): Graph {
  if (scope === null) return document.graph;
  return nodeAt(document, scope)?.body ?? EMPTY_GRAPH;
}

/** Rebuilds only the graphs on the way down to `scope`. */
export function withGraph(
  document: FlowDocument,
  scope: Scope,
  change: (graph: Graph) => Graph,
): FlowDocument {
  if (scope === null) {
    const graph = change(document.graph);
    return graph === document.graph ? document : { ...document, graph };
  }
  const container = indexOf(document).nodes.get(scope);
  if (!container) return document;
  const body = container.node.body ?? EMPTY_GRAPH;
  const changed = change(body);
  if (changed === body) return document;
  return withGraph(document, container.scope, (graph) => ({
    ...graph,
    nodes: { ...graph.nodes, [scope]: { ...container.node, body: changed } },
  }));
}

export function withNode(
  document: FlowDocument,
  id: string,
  change: (node: FlowNode) => FlowNode,
): FlowDocument {
  const placed = indexOf(document).nodes.get(id);
  if (!placed) return document;
  const changed = change(placed.node);
  if (changed === placed.node) return document;
  return withGraph(document, placed.scope, (graph) => ({
    ...graph,
    nodes: { ...graph.nodes, [id]: changed },
  }));
}

export function withPositions(
  document: FlowDocument,
  positions: Record<string, Position | null>,
): FlowDocument {
  const next = { ...document.ui.positions };
  for (const [id, position] of Object.entries(positions)) {
    if (position === null) delete next[id];
    else next[id] = position;
  }
  return { ...document, ui: { ...document.ui, positions: next } };
}

/** The node and everything in its body, outermost first. */
export function withBody(document: FlowDocument, id: string): string[] {
  const placed = indexOf(document).nodes.get(id);
  if (!placed) return [];
  const found = [id];
  for (const inner of Object.keys(placed.node.body?.nodes ?? {})) {
    found.push(...withBody(document, inner));
  }
  return found;
}
