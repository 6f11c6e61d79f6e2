import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, type Schemas } from "@/shared/api";

export type Token = Schemas["Token"];

const tokensKey = ["tokens"];

export function useTokens() {
  return useQuery({
    queryKey: tokensKey,
    queryFn: ({ signal }) =>
      allPages((cursor) => api.GET("/api/v1/tokens", { params: { query: { cursor, limit: 200 } }, signal })),
  });
}

/** The token in full exists only in this answer. */
export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => answer(api.POST("/api/v1/tokens", { body: { name } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
}

export function useDeleteToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
}
