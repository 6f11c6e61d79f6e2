/** A search as nodes of a flow: into the retriever that is there, else as a new one. Pure. */
import type { SearchSettings } from "../api/knowledge";

interface Node {
  kind: string;
  settings?: Record<string, unknown>;
}

export interface Drawn {
  graph: { nodes: Record<string, Node>; edges: Record<string, unknown> };
  ui?: { positions?: Record<string, { x: number; y: number }> };
}

export interface Operation {
  op: "add" | "replace" | "remove";
  path: string;
  value?: unknown;
}

const RETRIEVER = "knowledge_retriever";
const RERANKER = "reranker";
const APART = 320;

/** The settings of a retriever node: those of the search, flat, without its reranker. */
export function retrieverSettings(knowledge: string, search: SearchSettings): Record<string, unknown> {
  const { rerank, filters, threshold, ...rest } = search;
  const reranks = (rerank?.by ?? "none") !== "none";
  return {
    ...rest,
    ...(filters ? { filters } : {}),
    ...(threshold === null || threshold === undefined ? {} : { threshold }),
    ...(reranks ? { top_k: Math.min(200, Math.max(rerank?.candidates ?? 20, search.top_k ?? 5)) } : {}),
    knowledge,
  };
}

function rerankerSettings(search: SearchSettings): Record<string, unknown> | null {
  const { by = "none", model = "" } = search.rerank ?? {};
  if (by === "none") return null;
  const named = by === "embedding" ? { embedding_model: model } : { model };
  return { by, top_k: Math.min(100, search.top_k ?? 5), ...(model ? named : {}) };
}

export function retrieversOf(document: Drawn): string[] {
  return Object.entries(document.graph.nodes)
    .filter(([, node]) => node.kind === RETRIEVER)
    .map(([id]) => id);
}

function freeId(document: Drawn, wanted: string): string {
  let id = wanted;
  for (let number = 2; id in document.graph.nodes; number++) id = `${wanted}_${number}`;
  return id;
}

/** What a draft has to be changed by, and the node that is to be looked at then. */
export function intoFlow(
  document: Drawn,
  knowledge: string,
  search: SearchSettings,
  into: string | null,
): { patch: Operation[]; node: string } {
  const settings = retrieverSettings(knowledge, search);
  const rerank = rerankerSettings(search);
  if (into) {
    // Where a reranker follows is the drawing's business: the retriever gives as many as are wanted in the end.
    const value = rerank ? { ...settings, top_k: search.top_k ?? 5 } : settings;
    return { patch: [{ op: "add", path: `/graph/nodes/${into}/settings`, value }], node: into };
  }
  const places = Object.values(document.ui?.positions ?? {});
  const x = Math.min(0, ...places.map((place) => place.x));
  const y = places.length ? Math.max(...places.map((place) => place.y)) + 200 : 0;
  const node = freeId(document, "retriever");
  const patch: Operation[] = [
    { op: "add", path: `/graph/nodes/${node}`, value: { kind: RETRIEVER, settings } },
    { op: "add", path: `/ui/positions/${node}`, value: { x, y } },
  ];
  if (rerank) {
    const order = freeId(document, "reranker");
    patch.push(
      { op: "add", path: `/graph/nodes/${order}`, value: { kind: RERANKER, settings: rerank } },
      { op: "add", path: `/ui/positions/${order}`, value: { x: x + APART, y } },
      {
        op: "add",
        path: `/graph/edges/${node}.output-${order}.documents`,
        value: { source: node, source_port: "output", target: order, target_port: "documents" },
      },
    );
  }
  return { patch, node };
}

/** What makes the template's own words those of another base: its greeting, its note, the name of its retriever. */
export function inWordsOf(document: Drawn, title: string, greeting: string): Operation[] {
  const patch: Operation[] = [];
  for (const [id, node] of Object.entries(document.graph.nodes)) {
    if (node.kind === RETRIEVER) patch.push({ op: "add", path: `/graph/nodes/${id}/title`, value: title });
    if (node.kind === "chat_input")
      patch.push({ op: "add", path: `/graph/nodes/${id}/settings`, value: { greeting } });
    if (node.kind === "note") {
      patch.push({ op: "remove", path: `/graph/nodes/${id}` });
      if (id in (document.ui?.positions ?? {})) patch.push({ op: "remove", path: `/ui/positions/${id}` });
    }
  }
  return patch;
}
