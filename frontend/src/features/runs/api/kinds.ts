import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/shared/api";
import { t } from "@/shared/i18n";

type Nodes = Record<string, Schemas["NodeSpec"]>;

export interface StepFacts {
  title: string;
  icon: string;
  /** Title by name of port. */
  ports: Record<string, string>;
}

/** What the nodes of a run were called, by node id: the flow may have changed since. */
export function useStepFacts(runId: string): (nodeId: string) => StepFacts {
  const nodes = useQuery({
    queryKey: ["runs", runId, "document"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/runs/{run_id}/document", { params: { path: { run_id: runId } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ document }) => flat((document as Partial<Schemas["FlowSpec"]>).graph?.nodes ?? {}),
  });
  const kinds = useQuery({
    queryKey: ["runs", "kinds"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/catalogue", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
    select: (found) => new Map(found.kinds.map((kind) => [kind.key, kind])),
  });
  return (nodeId) => {
    const node = nodes.data?.get(nodeId);
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

/** Only what they were called. */
export function useStepTitles(runId: string): (nodeId: string) => string {
  const facts = useStepFacts(runId);
  return (nodeId) => facts(nodeId).title;
}

function flat(nodes: Nodes, found = new Map<string, Schemas["NodeSpec"]>()) {
  for (const [id, node] of Object.entries(nodes)) {
    found.set(id, node);
    if (node.body) flat(node.body.nodes ?? {}, found);
  }
  return found;
}
