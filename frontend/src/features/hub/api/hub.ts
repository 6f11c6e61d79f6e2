import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, type Schemas } from "@/shared/api";

export type Connection = Schemas["Connection"];
export type ConnectionKey = Schemas["Key"];
export type Model = Schemas["Model"];
export type Price = Schemas["Price"];
export type OwnPrice = Schemas["OwnPriceRequest"];
export type KnownModel = Schemas["KnownModel"];
export type Provider = Schemas["Provider"];
export type Checked = Schemas["Checked"];
export type Limits = Schemas["LimitsRequest"];

/** Without `api_key` the stored keys stay, without `proxy` the stored proxy. */
export type ConnectionForm = Omit<Schemas["ConnectionFormRequest"], "unchecked"> & { unchecked?: boolean };

const connectionsKey = ["connections"];
const modelsKey = ["models"];
const defaultsKey = ["model-defaults"];
const pricesKey = ["model-prices"];

export function useProviders() {
  return useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/providers", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useConnections() {
  return useQuery({
    queryKey: connectionsKey,
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/connections", { params: { query: { cursor, limit: 200 } }, signal }),
      ),
    // Keys rest and wake by what flows do meanwhile.
    refetchInterval: (query) =>
      query.state.data?.some((one) => one.keys.some((key) => key.resting)) ? 15_000 : false,
  });
}

export function useModels() {
  return useQuery({
    queryKey: modelsKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/models", { signal })),
  });
}

/** Tries an address and keeps nothing; the key of a stored `connection` is used for its own host. */
export function useCheckConnection() {
  return useMutation({
    mutationFn: (body: Schemas["CheckRequest"]) => answer(api.POST("/api/v1/connections/check", { body })),
  });
}

/** A connection that changed may have brought or taken models. */
function useConnectionChange<Input>(change: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all(
        [connectionsKey, modelsKey, defaultsKey, pricesKey].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
}

export function useSaveConnection() {
  return useConnectionChange(({ id, ...form }: ConnectionForm & { id?: string }) => {
    const body = { unchecked: false, ...form };
    if (id === undefined) return answer(api.POST("/api/v1/connections", { body }));
    return answer(api.PATCH("/api/v1/connections/{id}", { params: { path: { id } }, body }));
  });
}

export function useDeleteConnection() {
  return useConnectionChange((id: string) =>
    answer(api.DELETE("/api/v1/connections/{id}", { params: { path: { id } } })),
  );
}

export function useRefreshConnection() {
  return useConnectionChange((id: string) =>
    answer(api.POST("/api/v1/connections/{id}/refresh", { params: { path: { id } } })),
  );
}

export function useAddKey() {
  return useConnectionChange(({ id, ...body }: Schemas["KeyFormRequest"] & { id: string }) =>
    answer(api.POST("/api/v1/connections/{id}/keys", { params: { path: { id } }, body })),
  );
}

export function useCheckKey() {
  return useConnectionChange((id: string) =>
    answer(api.POST("/api/v1/keys/{id}/check", { params: { path: { id } } })),
  );
}

export function useDeleteKey() {
  return useConnectionChange((id: string) =>
    answer(api.DELETE("/api/v1/keys/{id}", { params: { path: { id } } })),
  );
}

export function useDefaults() {
  return useQuery({
    queryKey: defaultsKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/models/defaults", { signal })),
  });
}

export function useSetDefaults() {
  return useConnectionChange((body: Schemas["DefaultsRequest"]) =>
    answer(api.PUT("/api/v1/models/defaults", { body })),
  );
}

export function useOwnPrices() {
  return useQuery({
    queryKey: pricesKey,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/models/prices", { signal })),
  });
}

export function useSetPrice() {
  return useConnectionChange((body: OwnPrice) => answer(api.PUT("/api/v1/models/prices", { body })));
}

export function useDeletePrice() {
  return useConnectionChange((id: string) =>
    answer(api.DELETE("/api/v1/models/prices/{id}", { params: { path: { id } } })),
  );
}
