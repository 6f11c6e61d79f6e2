import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, type Schemas } from "@/shared/api";

export type Connection = Schemas["Connection"];
export type KnownModel = Schemas["KnownModel"];
export type Provider = Schemas["Provider"];
export type Checked = Schemas["Checked"];

/** Without `api_key` the stored key stays. */
export type ConnectionForm = Omit<Schemas["ConnectionFormRequest"], "unchecked"> & { unchecked?: boolean };

const connectionsKey = ["connections"];
const modelsKey = ["models"];

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
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: connectionsKey }),
        client.invalidateQueries({ queryKey: modelsKey }),
      ]),
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
