import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type CursorPage, get, send } from "@/shared/api";

export interface Token {
  id: string;
  name: string;
  /** The first characters, to tell one from another. */
  start: string;
  created_at: string;
  last_used_at: string | null;
}

/** A token in full exists only in the answer that makes it. */
export interface NewToken extends Token {
  token: string;
}

const tokensKey = ["tokens"];

export function useTokens() {
  return useQuery({
    queryKey: tokensKey,
    queryFn: async ({ signal }) => (await get<CursorPage<Token>>("tokens", { limit: 200 }, signal)).results,
  });
}

export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => (await send<NewToken>("POST", "tokens", { body: { name } })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
}

export function useDeleteToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send("DELETE", `tokens/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
}
