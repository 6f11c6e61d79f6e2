import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type CursorPage, get, send } from "@/shared/api";

export type Job = "chat" | "embedding" | "rerank";

export interface KnownModel {
  model: string;
  job: Job;
  title?: string;
}

export interface Connection {
  id: string;
  name: string;
  provider: string;
  base_url: string;
  /** The key itself never comes out. */
  has_key: boolean;
  models: KnownModel[];
}

export interface Provider {
  key: string;
  title: string;
  docs: string;
  base_url: string;
  needs_key: boolean;
  builtin: boolean;
}

export interface Model {
  /** `<connection>/<model>`: what a node keeps. */
  ref: string;
  connection: string;
  provider: string;
  model: string;
  title: string;
  job: Job;
  builtin: boolean;
  note: string;
}

export interface ConnectionForm {
  name: string;
  provider: string;
  base_url: string;
  /** Left out, the stored key stays. */
  api_key?: string;
  models?: KnownModel[];
  /** Keep it although it does not answer now. */
  unchecked?: boolean;
}

export interface Checked {
  ok: boolean;
  models: KnownModel[];
  error: { code: string; message: string; hint: string; extra: Record<string, unknown> } | null;
}

const connectionsKey = ["connections"];
const modelsKey = ["models"];

export function useProviders() {
  return useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => get<Provider[]>("providers", undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useConnections() {
  return useQuery({
    queryKey: connectionsKey,
    queryFn: async ({ signal }) =>
      (await get<CursorPage<Connection>>("connections", { limit: 200 }, signal)).results,
  });
}

export function useModels() {
  return useQuery({
    queryKey: modelsKey,
    queryFn: ({ signal }) => get<Model[]>("models", undefined, signal),
  });
}

export function useCheckConnection() {
  return useMutation({
    mutationFn: async ({ id, provider, base_url, api_key }: Partial<ConnectionForm> & { id?: string }) =>
      (
        await send<Checked>("POST", "connections/check", {
          body: { connection: id, provider, base_url, api_key },
        })
      ).data,
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
  return useConnectionChange(({ id, ...body }: Partial<ConnectionForm> & { id?: string }) =>
    id ? send("PATCH", `connections/${id}`, { body }) : send("POST", "connections", { body }),
  );
}

export function useDeleteConnection() {
  return useConnectionChange((id: string) => send("DELETE", `connections/${id}`));
}
