import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type CursorPage, cursorOf, get, send } from "@/shared/api";

export interface Flow {
  id: string;
  name: string;
  description: string;
  created_at: string;
  updated_at: string;
  revision: number;
  published_version: number | null;
  node_count: number;
}

export interface Template {
  key: string;
  title: string;
  description: string;
  /** Name of a Tabler icon. */
  icon: string;
  tags: string[];
}

const flowsKey = ["flows"];

export function useFlows() {
  return useInfiniteQuery({
    queryKey: [...flowsKey, "list"],
    queryFn: ({ pageParam, signal }) => get<CursorPage<Flow>>("flows", { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => cursorOf(last.next),
    refetchOnMount: "always",
  });
}

export function useFlow(id: string) {
  return useQuery({
    queryKey: [...flowsKey, id],
    queryFn: ({ signal }) => get<Flow>(`flows/${id}`, undefined, signal),
    enabled: id !== "",
  });
}

export function useTemplates() {
  return useQuery({
    queryKey: ["templates"],
    queryFn: ({ signal }) => get<Template[]>("templates", undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface NewFlow {
  name?: string;
  template?: string;
  document?: unknown;
}

/** A change of the flows: what was listed of them is asked for again. */
function useFlowChange<Input, Result>(change: (input: Input) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: flowsKey }),
  });
}

export function useCreateFlow() {
  return useFlowChange(async (body: NewFlow) => (await send<Flow>("POST", "flows", { body })).data);
}

export function useUpdateFlow() {
  return useFlowChange(
    async ({ id, ...body }: { id: string; name?: string; description?: string }) =>
      (await send<Flow>("PATCH", `flows/${id}`, { body })).data,
  );
}

export function useCopyFlow() {
  return useFlowChange(
    async ({ id, ...body }: { id: string; name?: string; document?: unknown }) =>
      (await send<Flow>("POST", `flows/${id}/copy`, { body })).data,
  );
}

export function useDeleteFlow() {
  return useFlowChange(async (id: string) => {
    await send("DELETE", `flows/${id}`);
  });
}
