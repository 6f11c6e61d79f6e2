import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/shared/api";
import { t } from "@/shared/i18n";

export interface StepFacts {
  title: string;
  icon: string;
  /** Title by name of port. */
  ports: Record<string, string>;
  /** By name of port where its value is from: a node of the same graph and its port. */
  sources: Record<string, { node: string; port: string }>;
}

/** The end of the id of the step in which an agent asks its model. */
const ASK = ".ask";

/** What the nodes of a run were called, by node id: the flow may have changed since. */
export function useStepFacts(runId: string): (nodeId: string) => StepFacts {
  const nodes = useQuery({
    queryKey: ["runs", runId, "document"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/runs/{run_id}/document", { params: { path: { run_id: runId } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ document }) => flat((document as Partial<Schemas["FlowSpec"]>).graph),
  });
  const kinds = useQuery({
    queryKey: ["runs", "kinds"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/catalogue", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
    select: (found) => new Map(found.kinds.map((kind) => [kind.key, kind])),
  });
  return (nodeId) => {
    // An agent asks its model as a step of its own.
    const owner = nodeId.endsWith(ASK) && !nodes.data?.has(nodeId) ? nodeId.slice(0, -ASK.length) : null;
    const { node, sources = {} } = nodes.data?.get(owner ?? nodeId) ?? {};
    const kind = node && kinds.data?.get(node.kind);
    const title = node?.title || (kind ? t(kind.title) : nodeId);
    return {
      // A title that somebody wrote is in their own words; that of a kind is in the catalogue's.
      title: owner && node ? t("{node}: ask the model", { node: title }) : title,
      icon: kind?.icon ?? "box",
      ports: Object.fromEntries(
        [...(kind?.inputs ?? []), ...(kind?.outputs ?? [])].map((port) => [port.name, port.title]),
      ),
      sources,
    };
  };
}

/** Only what they were called. */
export function useStepTitles(runId: string): (nodeId: string) => string {
  const facts = useStepFacts(runId);
  return (nodeId) => facts(nodeId).title;
}

interface Known {
  node: Schemas["NodeSpec"];
  sources: StepFacts["sources"];
}

function flat(graph: Partial<Schemas["GraphSpec"]> | undefined, found = new Map<string, Known>()) {
  const edges = Object.values(graph?.edges ?? {});
  for (const [id, node] of Object.entries(graph?.nodes ?? {})) {
    const into = edges.filter((edge) => edge.target === id);
    const sources = into.map((edge) => [edge.target_port, { node: edge.source, port: edge.source_port }]);
    found.set(id, { node, sources: Object.fromEntries(sources) });
    if (node.body) flat(node.body, found);
  }
  return found;
}
