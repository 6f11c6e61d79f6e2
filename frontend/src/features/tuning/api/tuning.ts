import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, type Schemas } from "@/shared/api";

export type Base = Schemas["Base"];
export type Tune = Schemas["Tune"];
export type TuneForm = Schemas["TuneFormRequest"];
export type TuneChoice = Schemas["TuneChoice"];
export type TunePlace = Schemas["TunePlace"];
export type TuneRecord = Schemas["TuneRecord"];

const tunesKey = ["tunes"];
const LOOK_EVERY = 1500;

export function isOpen(tune: Tune): boolean {
  return tune.state === "queued" || tune.state === "running";
}

/** The fine-tunes, newest first; asked for again while one of them is at work. */
export function useTunes() {
  return useQuery({
    queryKey: tunesKey,
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/tuning/jobs", { params: { query: { cursor, limit: 200 } }, signal }),
      ),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? LOOK_EVERY : false),
    refetchOnMount: "always",
  });
}

export function useBases() {
  return useQuery({
    queryKey: ["tune-bases"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/tuning/bases", { signal })),
    refetchOnMount: "always",
  });
}

export function useWishSchema() {
  return useQuery({
    queryKey: ["tune-form"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/tuning/form", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What would be done, before anything is; undefined asks for nothing. */
export function useChoice(form: TuneForm | undefined) {
  return useQuery({
    queryKey: ["tune-choice", form],
    queryFn: ({ signal }) => answer(api.POST("/api/v1/tuning/choice", { body: form as TuneForm, signal })),
    enabled: form !== undefined,
    retry: false,
    gcTime: 0,
  });
}

/** For each backend whether it fits there; undefined asks for nothing. */
export function usePlaces(form: TuneForm | undefined) {
  return useQuery({
    queryKey: ["tune-places", form],
    queryFn: ({ signal }) => answer(api.POST("/api/v1/tuning/places", { body: form as TuneForm, signal })),
    enabled: form !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** What a trainer told after the record `after`. */
export function recordsAfter(id: string, after: number, signal: AbortSignal) {
  return answer(
    api.GET("/api/v1/tuning/jobs/{id}/records", { params: { path: { id }, query: { after } }, signal }),
  );
}

function useTuneChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: tunesKey }),
  });
}

const at = (id: string) => ({ params: { path: { id } } });

export function useStartTune() {
  return useTuneChange((body: TuneForm) => answer(api.POST("/api/v1/tuning/jobs", { body })));
}

export function useCancelTune() {
  return useTuneChange((id: string) => answer(api.POST("/api/v1/tuning/jobs/{id}/cancel", at(id))));
}

export function useResumeTune() {
  return useTuneChange((id: string) => answer(api.POST("/api/v1/tuning/jobs/{id}/resume", at(id))));
}

export function useDeleteTune() {
  return useTuneChange((id: string) => answer(api.DELETE("/api/v1/tuning/jobs/{id}", at(id))));
}

export function useKeepTune() {
  return useTuneChange(({ id, name }: { id: string; name: string }) =>
    answer(api.POST("/api/v1/tuning/jobs/{id}/keep", { ...at(id), body: { name } })),
  );
}

export function useServeTune() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string; name: string; service: string | null }) =>
      answer(api.POST("/api/v1/tuning/jobs/{id}/serve", { ...at(id), body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["models"] }),
  });
}

/** Services into which an adapter can be loaded. */
export function useAdapterServices() {
  return useQuery({
    queryKey: ["adapter-services"],
    queryFn: async ({ signal }) => {
      const found = await answer(api.GET("/api/v1/services", { signal }));
      return found.filter((one) => one.state === "ready" && Number(one.serving.adapters ?? 0) > 0);
    },
    refetchOnMount: "always",
  });
}
