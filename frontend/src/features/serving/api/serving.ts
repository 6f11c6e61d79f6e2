import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/shared/api";

export type Service = Schemas["Service"];
export type Weights = Schemas["Weights"];
export type Fit = Schemas["Fit"];
export type ServiceForm = Schemas["ServiceFormRequest"];
export type LocalSet = Schemas["LocalSet"];
export type Wish = Schemas["WishRequest"];

const servicesKey = ["services"];
const weightsKey = ["local-models"];
const environmentKey = ["local-environment"];
const measurementsKey = ["local-measurements"];
const LOOK = 2000;

/** What a wish is before anybody wishes anything. */
export const NO_WISH: Required<Wish> = {
  context: 0,
  parallel: 0,
  tensor_parallel: 0,
  dtype: "",
  threads: 0,
  adapters: 0,
  framework: "",
  gpus: 0,
  gpu_memory_gb: 0,
};

export function isActive(service: Service): boolean {
  return service.state !== "stopped" && service.state !== "failed";
}

/** Looks again by itself only while something runs whose state can change. */
export function useServices() {
  return useQuery({
    queryKey: servicesKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/services", { signal })),
    refetchInterval: (query) => (query.state.data?.some(isActive) ? LOOK : false),
  });
}

export function useWeights() {
  return useQuery({
    queryKey: weightsKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/local/models", { signal })),
  });
}

/** Asked anew whenever a service has changed its state, or a set of packages is there: models come with them. */
export function useUsable() {
  const states = useServices().data?.map((service) => `${service.id} ${service.state}`);
  const sets = useEnvironment().data?.sets.map((one) => one.ready);
  return useQuery({
    queryKey: ["models", states, sets],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/models", { signal })),
  });
}

export function useEnvironment() {
  return useQuery({
    queryKey: environmentKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/local/environment", { signal })),
    refetchInterval: (query) => (query.state.data?.sets.some((one) => one.job) ? LOOK : false),
  });
}

/** The frameworks that serve models, the preferred one first. */
export function useFrameworks() {
  return useQuery({
    queryKey: ["local-frameworks"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/local/frameworks", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useHardware() {
  return useQuery({
    queryKey: ["local-hardware"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/local/hardware", { signal })),
  });
}

export function useFits(id: string, wish: Wish) {
  return useQuery({
    queryKey: ["fits", id, wish],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/v1/local/models/{id}/fits", { params: { path: { id } }, body: wish, signal })),
    placeholderData: (before) => before,
  });
}

function useChange<Input>(change: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all(
        [servicesKey, weightsKey, environmentKey, measurementsKey, ["models"]].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

const at = (id: string) => ({ params: { path: { id } } });

export function useMakeEnvironment() {
  return useChange((what: LocalSet["what"]) =>
    answer(api.POST("/api/v1/local/environment", { body: { what } })),
  );
}

export function useMeasurements() {
  return useQuery({
    queryKey: measurementsKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/local/measurements", { signal })),
  });
}

/** Asks a model for some texts: costs as much as they do where a vendor serves it. */
export function useMeasure() {
  return useChange((ref: string) => answer(api.POST("/api/v1/local/measurements", { body: { ref } })));
}

export function useAddWeights() {
  return useChange((body: Schemas["WeightsFormRequest"]) =>
    answer(api.POST("/api/v1/local/models", { body })),
  );
}

export function useForgetWeights() {
  return useChange((id: string) => answer(api.DELETE("/api/v1/local/models/{id}", at(id))));
}

export function useCreateService() {
  return useChange((body: ServiceForm) => answer(api.POST("/api/v1/services", { body })));
}

export function useStartService() {
  return useChange((id: string) => answer(api.POST("/api/v1/services/{id}/start", at(id))));
}

export function useStopService() {
  return useChange((id: string) => answer(api.POST("/api/v1/services/{id}/stop", at(id))));
}

export function useDeleteService() {
  return useChange((id: string) => answer(api.DELETE("/api/v1/services/{id}", at(id))));
}

export function useLoadAdapter() {
  return useChange(({ id, name, path }: { id: string; name: string; path: string }) =>
    answer(api.POST("/api/v1/services/{id}/adapters", { ...at(id), body: { name, path } })),
  );
}

export function useUnloadAdapter() {
  return useChange(({ id, name }: { id: string; name: string }) =>
    answer(api.DELETE("/api/v1/services/{id}/adapters/{name}", { params: { path: { id, name } } })),
  );
}

interface Answered {
  choices?: { message?: { content?: string } }[];
}

/** Asks a service once, over its stable address. */
export function useAsk() {
  return useMutation({
    mutationFn: async ({ id, model, text }: { id: string; model: string; text: string }) => {
      const body = {
        model,
        max_tokens: 200,
        messages: [
          { role: "system", content: "You are a helpful assistant." },
          { role: "user", content: text },
        ],
      };
      const found = (await answer(
        api.POST("/api/v1/services/{id}/v1/{path}", {
          params: { path: { id, path: "chat/completions" } },
          body,
        }),
      )) as Answered;
      return found.choices?.[0]?.message?.content ?? "";
    },
  });
}
