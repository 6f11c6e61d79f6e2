import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getCatalogue, getDraft, getVersion } from "@/features/editor";
import { allPages, answer, api, type Schemas } from "@/shared/api";
import { isOpen, LOOK_EVERY } from "./evaluations";

export type Experiment = Schemas["Experiment"];
export type WholeExperiment = Schemas["WholeExperiment"];
export type Trial = Schemas["Trial"];
export type SearchedField = Schemas["SearchedField"];
export type ExperimentForm = Schemas["ExperimentFormRequest"];
export type ExperimentPlan = Schemas["ExperimentPlan"];

const experimentsKey = ["experiments"];

/** The experiments, newest first; asked for again while one of them is at work. */
export function useExperiments() {
  return useQuery({
    queryKey: [...experimentsKey, "list"],
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/experiments", { params: { query: { cursor, limit: 200 } }, signal }),
      ),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? LOOK_EVERY : false),
    refetchOnMount: "always",
  });
}

const at = (id: string) => ({ params: { path: { id } } });

/** One with its leaderboard; null asks for nothing. */
export function useExperiment(id: string | null) {
  return useQuery({
    queryKey: [...experimentsKey, id],
    enabled: id !== null,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/experiments/{id}", { ...at(id ?? ""), signal })),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? LOOK_EVERY : false),
    refetchOnMount: "always",
  });
}

/** What would be tried, before anything is; undefined asks for nothing. */
export function useExperimentPlan(form: ExperimentForm | undefined) {
  return useQuery({
    queryKey: ["experiment-plan", form],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/v1/experiments/plan", { body: form as ExperimentForm, signal })),
    enabled: form !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
}

/** The flow as it is drawn, and what its nodes can be set to. */
export function useDrawn(flow: string | null, version: string) {
  return useQuery({
    queryKey: ["flows", flow, "drawn", version],
    enabled: flow !== null,
    queryFn: async ({ signal }) => {
      const [document, catalogue] = await Promise.all([
        version === "draft"
          ? getDraft(flow ?? "", signal).then((draft) => draft.document)
          : getVersion(flow ?? "", Number(version)),
        getCatalogue(signal),
      ]);
      return { document, catalogue };
    },
    refetchOnMount: "always",
  });
}

/** What ids among values are called: knowledge bases. */
export function useBaseNames(wanted: boolean) {
  const found = useQuery({
    queryKey: ["editor", "knowledge"],
    enabled: wanted,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/knowledge", { signal })),
    staleTime: 10_000,
  });
  return new Map(found.data?.results.map((base) => [base.id, base.name]));
}

function useExperimentChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: experimentsKey }),
  });
}

export function useStartExperiment() {
  return useExperimentChange((body: ExperimentForm) => answer(api.POST("/api/v1/experiments", { body })));
}

export function useCancelExperiment() {
  return useExperimentChange((id: string) => answer(api.POST("/api/v1/experiments/{id}/cancel", at(id))));
}

export function useDeleteExperiment() {
  return useExperimentChange((id: string) => answer(api.DELETE("/api/v1/experiments/{id}", at(id))));
}

/** Writes the settings of a trial into the draft of its flow. */
export function useApplyTrial({ id, flow }: WholeExperiment) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (trial: number) =>
      answer(api.POST("/api/v1/experiments/{id}/apply", { ...at(id), body: { trial } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["flows", flow] }),
  });
}
