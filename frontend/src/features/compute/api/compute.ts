import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/shared/api";

export type Backend = Schemas["Backend"];
export type BackendForm = Schemas["BackendFormRequest"];
export type Job = Schemas["Job"];

const backendsKey = ["backends"];
const choiceKey = ["backend-choice"];

export function useBackendKinds() {
  return useQuery({
    queryKey: ["backend-kinds"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/compute/kinds", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useBackends() {
  return useQuery({
    queryKey: backendsKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/compute/backends", { signal })),
    refetchOnMount: "always",
  });
}

/** The numbers beside the backends are as old as the jobs: whoever sees a job change says so. */
export function useBackendsAgain() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: backendsKey });
}

function useBackendChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: backendsKey }),
        client.invalidateQueries({ queryKey: choiceKey }),
      ]),
  });
}

/** A secret that is left out of `settings` stays as it is. */
export function useSaveBackend() {
  return useBackendChange(({ id, ...body }: BackendForm & { id?: string }) => {
    if (id === undefined) return answer(api.POST("/api/v1/compute/backends", { body }));
    return answer(api.PATCH("/api/v1/compute/backends/{id}", { params: { path: { id } }, body }));
  });
}

export function useRemoveBackend() {
  return useBackendChange((id: string) =>
    answer(api.DELETE("/api/v1/compute/backends/{id}", { params: { path: { id } } })),
  );
}

export function useCheckBackend() {
  return useMutation({
    mutationFn: ({ id, job }: { id: string; job: boolean }) =>
      answer(api.POST("/api/v1/compute/backends/{id}/check", { params: { path: { id } }, body: { job } })),
  });
}

/** What runs and waits there, everybody's; asked again whenever a job of one's own has moved. */
export function useQueue(id: string) {
  return useQuery({
    queryKey: [...backendsKey, id, "queue"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/compute/backends/{id}/queue", { params: { path: { id } }, signal })),
  });
}

export function useCancelJob() {
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.POST("/api/v1/compute/jobs/{id}/cancel", { params: { path: { id } } })),
  });
}

/** Where runs compute when nothing is said: of a flow, or in general. */
export function useChoice(flow?: string) {
  return useQuery({
    queryKey: [...choiceKey, flow ?? ""],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/compute/choice", { params: { query: { flow } }, signal })),
  });
}

export function useChoose() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ChoiceFormRequest"]) => answer(api.PUT("/api/v1/compute/choice", { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: choiceKey }),
  });
}

/** The job of a run, where it ran as one. */
export function useJobOfRun(runId: string, asked: boolean) {
  return useQuery({
    queryKey: ["job-of-run", runId],
    enabled: asked,
    queryFn: async ({ signal }) => {
      const query = { purpose: "run", subject: runId };
      const page = await answer(api.GET("/api/v1/compute/jobs", { params: { query }, signal }));
      return page.results[0] ?? null;
    },
  });
}

export function usePreview() {
  return useMutation({
    mutationFn: ({ flow, body }: { flow: string; body: Schemas["StartRequest"] }) =>
      answer(api.POST("/api/v1/flows/{flow_id}/runs/preview", { params: { path: { flow_id: flow } }, body })),
  });
}
