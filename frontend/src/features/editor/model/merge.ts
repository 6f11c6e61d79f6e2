/**
 * Two people's changes of one draft in one: a three-way merge by the ids of nodes and wires.
 *
 * Documents are laid flat first, a node's container being one of its fields, so that moving a node and
 * changing one of its settings do not meet.
 */
import { downstream } from "./connect";
import { indexOf } from "./document";
import { tidyGroups } from "./groups";
import { freeNodeId } from "./ids";
import { sameValue } from "./patch";
import type { FlowDocument, FlowEdge, FlowNode, Graph, Group, Position, Scope } from "./types";

export interface Conflict {
  node: string;
  /** The setting or field that both changed; null where one deleted what the other changed. */
  field: string | null;
  mine: unknown;
  theirs: unknown;
}

export interface Merged {
  document: FlowDocument;
  conflicts: Conflict[];
  /** Nodes of mine that took another id, because somebody gave theirs to another node meanwhile. */
  renamed: Map<string, string>;
}

type Prefer = "mine" | "theirs";
type Fields = Record<string, unknown>;

interface Flat {
  nodes: Map<string, Fields>;
  edges: Map<string, { id: string; scope: Scope; edge: FlowEdge }>;
}

export function merge(
  base: FlowDocument,
  mine: FlowDocument,
  theirs: FlowDocument,
  prefer: Prefer = "mine",
): Merged {
  if (sameDrawing(base, theirs)) return { document: mine, conflicts: [], renamed: new Map() };
  if (sameDrawing(base, mine)) return { document: theirs, conflicts: [], renamed: new Map() };
  const renamed = collisions(base, mine, theirs);
  const own = renameNodes(mine, renamed);
  const conflicts: Conflict[] = [];
  const [was, here, there] = [flat(base), flat(own), flat(theirs)];
  const nodes = mergedNodes(was, here, there, prefer, conflicts);
  const edges = mergedEdges(was, here, there, nodes);
  const winner = prefer === "mine" ? own : theirs;
  const positions: Record<string, Position> = {};
  for (const id of nodes.keys()) {
    positions[id] = three(base.ui.positions[id], own.ui.positions[id], theirs.ui.positions[id], prefer) ??
      winner.ui.positions[id] ??
      own.ui.positions[id] ??
      theirs.ui.positions[id] ?? { x: 0, y: 0 };
  }
  const kinds = {
    ...base.requirements?.kinds,
    ...theirs.requirements?.kinds,
    ...own.requirements?.kinds,
  };
  const used = new Set([...nodes.values()].map((node) => node.kind as string));
  const document: FlowDocument = {
    ...theirs,
    graph: built(nodes, edges),
    ui: {
      ...mergedUi(base, own, theirs, prefer),
      positions,
      groups: mergedGroups(base, own, theirs, prefer),
    },
    requirements: {
      ...theirs.requirements,
      kinds: Object.fromEntries(Object.entries(kinds).filter(([kind]) => used.has(kind))),
    },
  };
  return { document: tidyGroups(withoutCycles(document, theirs)), conflicts, renamed };
}

function sameDrawing(one: FlowDocument, other: FlowDocument): boolean {
  return one === other || (sameValue(one.graph, other.graph) && sameValue(one.ui, other.ui));
}

/** One value of three; where both changed it, the preferred one. */
function three<V>(base: V, mine: V, theirs: V, prefer: Prefer): V {
  if (sameValue(mine, theirs) || sameValue(base, theirs)) return mine;
  if (sameValue(base, mine)) return theirs;
  return prefer === "mine" ? mine : theirs;
}

/** A new node of mine whose id somebody gave to another new node. */
function collisions(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): Map<string, string> {
  const old = indexOf(base).nodes;
  const other = indexOf(theirs).nodes;
  const taken = new Set([...old.keys(), ...other.keys()]);
  const renamed = new Map<string, string>();
  for (const [id, { node }] of indexOf(mine).nodes) {
    if (old.has(id) || !other.has(id)) continue;
    const fresh = freeNodeId(mine, node.kind, taken);
    renamed.set(id, fresh);
    taken.add(fresh);
  }
  return renamed;
}

export function renameNodes(document: FlowDocument, renamed: ReadonlyMap<string, string>): FlowDocument {
  if (renamed.size === 0) return document;
  const name = (id: string) => renamed.get(id) ?? id;
  const graph = (old: Graph): Graph => ({
    nodes: Object.fromEntries(
      Object.entries(old.nodes).map(([id, node]) => [
        name(id),
        node.body ? { ...node, body: graph(node.body) } : node,
      ]),
    ),
    edges: Object.fromEntries(
      Object.entries(old.edges).map(([id, edge]) => [
        id,
        { ...edge, source: name(edge.source), target: name(edge.target) },
      ]),
    ),
  });
  const positions = Object.fromEntries(
    Object.entries(document.ui.positions).map(([id, place]) => [name(id), place]),
  );
  const groups = Object.fromEntries(
    Object.entries(document.ui.groups ?? {}).map(([key, group]) => [
      key,
      { ...group, node_ids: group.node_ids.map(name) },
    ]),
  );
  return { ...document, graph: graph(document.graph), ui: { ...document.ui, positions, groups } };
}

function flat(document: FlowDocument): Flat {
  const index = indexOf(document);
  const nodes = new Map<string, Fields>();
  for (const [id, { node, scope }] of index.nodes) {
    const { body, ...rest } = node;
    nodes.set(id, { ...rest, holds: body !== undefined, scope });
  }
  const edges = new Map(
    [...index.edges.values()].map(({ id, scope, edge }) => [wireKey(edge), { id, scope, edge }]),
  );
  return { nodes, edges };
}

/** A wire is what it joins; its id says nothing. */
function wireKey({ source, source_port, target, target_port }: FlowEdge): string {
  return JSON.stringify([source, source_port, target, target_port]);
}

function mergedNodes(
  was: Flat,
  here: Flat,
  there: Flat,
  prefer: Prefer,
  conflicts: Conflict[],
): Map<string, Fields> {
  const nodes = new Map<string, Fields>();
  for (const id of new Set([...there.nodes.keys(), ...here.nodes.keys()])) {
    const [base, mine, theirs] = [was.nodes.get(id), here.nodes.get(id), there.nodes.get(id)];
    if (mine && theirs) {
      nodes.set(id, fieldsOfBoth(id, base ?? {}, mine, theirs, prefer, conflicts));
      continue;
    }
    const kept = mine ?? theirs;
    if (!kept || (base && sameValue(base, kept))) continue;
    if (base) {
      // One took it away, the other changed it.
      conflicts.push({ node: id, field: null, mine, theirs });
      if ((prefer === "mine") !== (mine !== undefined)) continue;
    }
    nodes.set(id, kept);
  }
  restoreContainers(nodes, here, there);
  return nodes;
}

function fieldsOfBoth(
  id: string,
  base: Fields,
  mine: Fields,
  theirs: Fields,
  prefer: Prefer,
  conflicts: Conflict[],
  inside = "",
): Fields {
  const fields: Fields = {};
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const [old, one, other] = [base[name], mine[name], theirs[name]];
    if (inside === "" && (name === "settings" || name === "policy") && isFields(one) && isFields(other)) {
      fields[name] = fieldsOfBoth(id, isFields(old) ? old : {}, one, other, prefer, conflicts, name);
      continue;
    }
    const touched = !sameValue(one, other) && !sameValue(old, one) && !sameValue(old, other);
    if (touched) conflicts.push({ node: id, field: name, mine: one, theirs: other });
    const value = three(old, one, other, prefer);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A node that stayed needs the containers around it; a container that one took away, what is in it. */
function restoreContainers(nodes: Map<string, Fields>, here: Flat, there: Flat): void {
  const taken = (id: string) => !here.nodes.has(id) || !there.nodes.has(id);
  for (let again = true; again; ) {
    again = false;
    const back = (id: string, node: Fields | undefined) => {
      if (!node || nodes.has(id)) return;
      nodes.set(id, node);
      again = true;
    };
    for (const [id, { scope, holds }] of [...nodes]) {
      if (typeof scope === "string") back(scope, here.nodes.get(scope) ?? there.nodes.get(scope));
      if (!holds || !taken(id)) continue;
      for (const [inner, node] of (here.nodes.has(id) ? here : there).nodes) {
        if (node.scope === id) back(inner, node);
      }
    }
  }
  for (const [id, node] of nodes) {
    // Each was put into the other.
    const seen = new Set([id]);
    for (let scope = node.scope; typeof scope === "string"; scope = nodes.get(scope)?.scope) {
      if (!seen.has(scope)) seen.add(scope);
      else {
        nodes.set(id, { ...node, scope: null });
        break;
      }
    }
  }
}

function mergedEdges(was: Flat, here: Flat, there: Flat, nodes: Map<string, Fields>): Flat["edges"] {
  const edges: Flat["edges"] = new Map();
  for (const [key, placed] of [...there.edges, ...here.edges]) {
    const kept = was.edges.has(key) ? there.edges.has(key) && here.edges.has(key) : true;
    const { edge } = placed;
    const scope = nodes.get(edge.source)?.scope;
    if (!kept || edges.has(key) || !nodes.has(edge.source) || !nodes.has(edge.target)) continue;
    if (scope === nodes.get(edge.target)?.scope) {
      edges.set(key, { ...placed, scope: typeof scope === "string" ? scope : null });
    }
  }
  return edges;
}

function built(nodes: Map<string, Fields>, edges: Flat["edges"]): Graph {
  const graphs = new Map<Scope, Graph>([[null, { nodes: {}, edges: {} }]]);
  for (const [id, node] of nodes) if (node.holds) graphs.set(id, { nodes: {}, edges: {} });
  for (const [id, { holds: _holds, scope, ...node }] of nodes) {
    const graph = graphs.get(typeof scope === "string" ? scope : null);
    const body = graphs.get(id);
    if (graph) graph.nodes[id] = { ...(node as unknown as FlowNode), ...(body ? { body } : {}) };
  }
  for (const { id, scope, edge } of edges.values()) {
    const graph = graphs.get(scope);
    if (!graph) continue;
    let free = id;
    for (let number = Object.keys(graph.edges).length + 1; free in graph.edges; number++) free = `e${number}`;
    graph.edges[free] = edge;
  }
  return graphs.get(null) as Graph;
}

/** Wires of both may lead in a ring that neither drew: mine give way. */
function withoutCycles(document: FlowDocument, theirs: FlowDocument): FlowDocument {
  const known = new Set([...indexOf(theirs).edges.values()].map(({ edge }) => wireKey(edge)));
  for (const { edge, scope, id } of indexOf(document).edges.values()) {
    if (known.has(wireKey(edge)) || !downstream(document, edge.target).has(edge.source)) continue;
    return withoutCycles(withoutEdge(document, scope, id), theirs);
  }
  return document;
}

function withoutEdge(document: FlowDocument, scope: Scope, id: string): FlowDocument {
  const change = (graph: Graph, at: Scope): Graph => {
    if (at === scope) {
      const { [id]: _gone, ...edges } = graph.edges;
      return { ...graph, edges };
    }
    const nodes = Object.fromEntries(
      Object.entries(graph.nodes).map(([key, node]) => [
        key,
        node.body ? { ...node, body: change(node.body, key) } : node,
      ]),
    );
    return { ...graph, nodes };
  };
  return { ...document, graph: change(document.graph, null) };
}

/** What else is drawn, or pinned, by id. */
function mergedUi(
  base: FlowDocument,
  mine: FlowDocument,
  theirs: FlowDocument,
  prefer: Prefer,
): FlowDocument["ui"] {
  const [was, here, there]: [Fields, Fields, Fields] = [{ ...base.ui }, { ...mine.ui }, { ...theirs.ui }];
  const merged: Fields = {};
  for (const part of new Set([...Object.keys(there), ...Object.keys(here)])) {
    const [old, one, other] = [was[part] ?? {}, here[part] ?? {}, there[part] ?? {}];
    if (!isFields(old) || !isFields(one) || !isFields(other)) {
      merged[part] = three(was[part], here[part], there[part], prefer);
      continue;
    }
    const entries: Fields = {};
    for (const key of new Set([...Object.keys(other), ...Object.keys(one)])) {
      const value = three(old[key], one[key], other[key], prefer);
      if (value !== undefined) entries[key] = value;
    }
    merged[part] = entries;
  }
  return merged as FlowDocument["ui"];
}

function mergedGroups(
  base: FlowDocument,
  mine: FlowDocument,
  theirs: FlowDocument,
  prefer: Prefer,
): Record<string, Group> {
  const [was, here, there] = [base.ui.groups ?? {}, mine.ui.groups ?? {}, theirs.ui.groups ?? {}];
  const groups: Record<string, Group> = {};
  for (const key of new Set([...Object.keys(there), ...Object.keys(here)])) {
    if (!(key in was) && key in here && key in there && !sameValue(here[key], there[key])) {
      groups[key] = there[key] as Group;
      let free = key;
      for (let number = 2; free in here || free in there || free in groups; number++)
        free = `${key}_${number}`;
      groups[free] = here[key] as Group;
      continue;
    }
    const kept = three(was[key], here[key], there[key], prefer);
    if (kept) groups[key] = kept;
  }
  return groups;
}
