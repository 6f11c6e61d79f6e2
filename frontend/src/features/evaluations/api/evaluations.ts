import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, type Schemas } from "@/shared/api";

export type Evaluation = Schemas["Evaluation"];
export type WholeEvaluation = Schemas["WholeEvaluation"];
export type EvaluationRow = Schemas["EvaluationRow"];
export type EvaluationForm = Schemas["EvaluationFormRequest"];
export type Metric = Schemas["Metric"];
export type Comparison = Schemas["EvaluationComparison"];
export type ComparedRow = Comparison["rows"][number];
export type RowsDataset = Schemas["RowsDatasetRequest"];

const evaluationsKey = ["evaluations"];
export const LOOK_EVERY = 1000;
export const PAGE = 50;

export function isOpen({ state }: { state: Evaluation["state"] }): boolean {
  return state === "running" || state === "cancelling";
}

/** The evaluations, newest first; asked for again while one of them is at work. */
export function useEvaluations() {
  return useQuery({
    queryKey: [...evaluationsKey, "list"],
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/evaluations", { params: { query: { cursor, limit: 200 } }, signal }),
      ),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? LOOK_EVERY : false),
    refetchOnMount: "always",
  });
}

const at = (id: string) => ({ params: { path: { id } } });

/** Null asks for nothing. */
export function useEvaluation(id: string | null) {
  return useQuery({
    queryKey: [...evaluationsKey, id],
    enabled: id !== null,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/evaluations/{id}", { ...at(id ?? ""), signal })),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? LOOK_EVERY : false),
    refetchOnMount: "always",
  });
}

export type Order = "number" | "-number" | "score" | "-score" | "seconds" | "-seconds";

export interface Asked {
  bad: boolean;
  q: string;
  order: Order;
  offset: number;
  limit?: number;
}

/** Rows of an evaluation; `done` is how many are, so that new ones are asked for as they come. */
export function useRows(id: string, asked: Asked, done: number) {
  const query = { limit: PAGE, ...asked };
  return useQuery({
    queryKey: [...evaluationsKey, id, "rows", query, done],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/evaluations/{id}/rows", { params: { path: { id }, query }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function useMetrics() {
  return useQuery({
    queryKey: ["metrics"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/metrics", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What would be done, before anything is; undefined asks for nothing. */
export function usePlan(form: EvaluationForm | undefined) {
  return useQuery({
    queryKey: ["evaluation-plan", form],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/v1/evaluations/plan", { body: form as EvaluationForm, signal })),
    enabled: form !== undefined,
    retry: false,
    gcTime: 0,
  });
}

export function useFlowChoice() {
  return useQuery({
    queryKey: ["flows", "all"],
    queryFn: ({ signal }) =>
      allPages((cursor) => api.GET("/api/v1/flows", { params: { query: { cursor, limit: 200 } }, signal })),
    refetchOnMount: "always",
  });
}

export function useVersions(flow: string | null) {
  return useQuery({
    queryKey: ["flows", flow, "versions", "all"],
    enabled: flow !== null,
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/flows/{id}/versions", {
          params: { path: { id: flow ?? "" }, query: { cursor, limit: 200 } },
          signal,
        }),
      ),
  });
}

/** What a flow takes and gives. */
export function usePorts(flow: string | null, version: string) {
  return useQuery({
    queryKey: ["flows", flow, "ports", version],
    enabled: flow !== null,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/flows/{id}/ports", {
          params: { path: { id: flow ?? "" }, query: { version } },
          signal,
        }),
      ),
    retry: false,
  });
}

function useEvaluationChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: evaluationsKey }),
  });
}

export function useStartEvaluation() {
  return useEvaluationChange((body: EvaluationForm) => answer(api.POST("/api/v1/evaluations", { body })));
}

export function useCancelEvaluation() {
  return useEvaluationChange((id: string) => answer(api.POST("/api/v1/evaluations/{id}/cancel", at(id))));
}

export function useDeleteEvaluation() {
  return useEvaluationChange((id: string) => answer(api.DELETE("/api/v1/evaluations/{id}", at(id))));
}

export function useMakeDataset(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RowsDataset) =>
      answer(api.POST("/api/v1/evaluations/{id}/dataset", { ...at(id), body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["datasets"] }),
  });
}

export type Shown = "changed" | "better" | "worse" | "all";

/** Two side by side, with one page of the rows that are asked for. */
export function useComparison(id: string, other: string, shown: Shown, offset: number) {
  const query = { shown, offset, limit: PAGE };
  return useQuery({
    queryKey: [...evaluationsKey, id, "compare", other, query],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/evaluations/{id}/compare/{other}", {
          params: { path: { id, other }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
    refetchOnMount: "always",
  });
}
