import { indexOf } from "./document";
import type { FlowDocument, Graph } from "./types";

/** `prompt_3`: readable in a diff, unique over the whole document. */
export function freeNodeId(document: FlowDocument, kind: string, taken?: Set<string>): string {
  const { nodes } = indexOf(document);
  const stem = kind
    .replace(/[^A-Za-z0-9_-]/g, "_")
    .replace(/^[^A-Za-z_]/, "_")
    .slice(0, 56);
  for (let number = 1; ; number++) {
    const id = `${stem}_${number}`;
    if (!nodes.has(id) && !taken?.has(id)) return id;
  }
}

export function freeEdgeId(graph: Graph): string {
  for (let number = Object.keys(graph.edges).length + 1; ; number++) {
    const id = `e${number}`;
    if (!(id in graph.edges)) return id;
  }
}
