/** Deleting nodes, joining what stood before and after them. */
import { addEdge, refusalOf, withoutEdges } from "./connect";
import { indexOf, withBody, withGraph, withPositions } from "./document";
import { BODY_INPUT, BODY_OUTPUT } from "./nodes";
import { pinOf, unpin } from "./pins";
import type { Catalogue, FlowDocument } from "./types";

/** A body's way in and way out stay as long as their container does. */
export function isFixed(document: FlowDocument, id: string): boolean {
  const placed = indexOf(document).nodes.get(id);
  return (
    placed !== undefined &&
    placed.scope !== null &&
    (placed.node.kind === BODY_INPUT || placed.node.kind === BODY_OUTPUT)
  );
}

export function removeNodes(
  document: FlowDocument,
  catalogue: Catalogue,
  ids: Iterable<string>,
): FlowDocument {
  const doomed = new Set(ids);
  let next = document;
  for (const id of doomed) {
    const placed = indexOf(next).nodes.get(id);
    if (!placed || isFixed(next, id)) continue;
    if (placed.chain.some((container) => doomed.has(container))) continue;
    next = removeOne(next, catalogue, id);
  }
  return withoutStrayKinds(next);
}

function removeOne(document: FlowDocument, catalogue: Catalogue, id: string): FlowDocument {
  const index = indexOf(document);
  const scope = index.nodes.get(id)?.scope ?? null;
  const before = (index.incoming.get(id) ?? []).map((placed) => placed.edge);
  const after = (index.outgoing.get(id) ?? []).map((placed) => placed.edge);
  const inside = withBody(document, id);
  let next = withGraph(document, scope, (graph) => {
    const { [id]: _gone, ...nodes } = graph.nodes;
    return withoutEdges({ ...graph, nodes }, (_key, edge) => edge.source === id || edge.target === id);
  });
  next = withPositions(next, Object.fromEntries(inside.map((one) => [one, null])));
  next = withoutGroupMembers(next, new Set(inside));
  for (const one of inside) if (pinOf(next, one)) next = unpin(next, one);
  for (const out of after) {
    for (const into of before) {
      const joined = {
        source: into.source,
        source_port: into.source_port,
        target: out.target,
        target_port: out.target_port,
      };
      if (refusalOf(next, catalogue, joined) === null) {
        next = addEdge(next, joined);
        break;
      }
    }
  }
  return next;
}

function withoutGroupMembers(document: FlowDocument, gone: Set<string>): FlowDocument {
  const groups = document.ui.groups ?? {};
  const touched = Object.entries(groups).filter(([, group]) => group.node_ids.some((id) => gone.has(id)));
  if (touched.length === 0) return document;
  const changed = Object.fromEntries(
    touched.map(([key, group]) => [
      key,
      { ...group, node_ids: group.node_ids.filter((id) => !gone.has(id)) },
    ]),
  );
  return { ...document, ui: { ...document.ui, groups: { ...groups, ...changed } } };
}

/** `requirements.kinds` names what the flow still uses. */
function withoutStrayKinds(document: FlowDocument): FlowDocument {
  const kinds = document.requirements?.kinds;
  if (!kinds) return document;
  const used = new Set([...indexOf(document).nodes.values()].map((placed) => placed.node.kind));
  const kept = Object.entries(kinds).filter(([key]) => used.has(key));
  if (kept.length === Object.keys(kinds).length) return document;
  return {
    ...document,
    requirements: { ...document.requirements, kinds: Object.fromEntries(kept) },
  };
}
