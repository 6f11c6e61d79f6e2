import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, cursorOf, type Schemas } from "@/shared/api";

export type Flow = Schemas["Flow"];
export type Template = Schemas["Template"];
export type NewFlow = Partial<Schemas["NewFlowRequest"]>;

const flowsKey = ["flows"];

export function useFlows() {
  return useInfiniteQuery({
    queryKey: [...flowsKey, "list"],
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(api.GET("/api/v1/flows", { params: { query: { cursor } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => cursorOf(last.next),
    refetchOnMount: "always",
  });
}

export function useFlow(id: string) {
  return useQuery({
    queryKey: [...flowsKey, id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/flows/{id}", { params: { path: { id } }, signal })),
    enabled: id !== "",
  });
}

export function useTemplates() {
  return useQuery({
    queryKey: ["templates"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/templates", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
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
  const blank = { name: "", description: "", template: "" };
  return useFlowChange((flow: NewFlow) => answer(api.POST("/api/v1/flows", { body: { ...blank, ...flow } })));
}

export function useUpdateFlow() {
  return useFlowChange(({ id, ...body }: { id: string } & Schemas["PatchedFlowRequest"]) =>
    answer(api.PATCH("/api/v1/flows/{id}", { params: { path: { id } }, body })),
  );
}

export function useCopyFlow() {
  return useFlowChange(({ id, ...body }: { id: string } & Schemas["CopyRequest"]) =>
    answer(api.POST("/api/v1/flows/{id}/copy", { params: { path: { id } }, body })),
  );
}

export function useDeleteFlow() {
  return useFlowChange((id: string) =>
    answer(api.DELETE("/api/v1/flows/{id}", { params: { path: { id } } })),
  );
}
