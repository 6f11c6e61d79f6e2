import { useQuery } from "@tanstack/react-query";
import { get } from "@/shared/api";
import { t } from "@/shared/i18n";

interface NodeFacts {
  kind: string;
  title?: string;
  body?: { nodes: Record<string, NodeFacts> };
}

interface KindFacts {
  key: string;
  title: string;
  icon: string;
  inputs: { name: string; title: string }[];
  outputs: { name: string; title: string }[];
}

export interface StepFacts {
  title: string;
  icon: string;
  /** Title by name of port. */
  ports: Record<string, string>;
}

/** What the nodes of a run were called, by node id: the flow may have changed since. */
export function useStepFacts(runId: string): (nodeId: string) => StepFacts {
  const document = useQuery({
    queryKey: ["runs", runId, "document"],
    queryFn: async ({ signal }) =>
      (
        await get<{ document: { graph: { nodes: Record<string, NodeFacts> } } }>(
          `runs/${runId}/document`,
          undefined,
          signal,
        )
      ).document,
    staleTime: Number.POSITIVE_INFINITY,
    select: (found) => flat(found.graph.nodes),
  });
  const kinds = useQuery({
    queryKey: ["runs", "kinds"],
    queryFn: async ({ signal }) => (await get<{ kinds: KindFacts[] }>("catalogue", undefined, signal)).kinds,
    staleTime: Number.POSITIVE_INFINITY,
    select: (found) => new Map(found.map((kind) => [kind.key, kind])),
  });
  return (nodeId) => {
    const node = document.data?.get(nodeId);
    const kind = node && kinds.data?.get(node.kind);
    return {
      // A title that somebody wrote is in their own words; that of a kind is in the catalogue's.
      title: node?.title || (kind ? t(kind.title) : nodeId),
      icon: kind?.icon ?? "box",
      ports: Object.fromEntries(
        [...(kind?.inputs ?? []), ...(kind?.outputs ?? [])].map((port) => [port.name, port.title]),
      ),
    };
  };
}

function flat(
  nodes: Record<string, NodeFacts>,
  found = new Map<string, NodeFacts>(),
): Map<string, NodeFacts> {
  for (const [id, node] of Object.entries(nodes)) {
    found.set(id, node);
    if (node.body) flat(node.body.nodes, found);
  }
  return found;
}
