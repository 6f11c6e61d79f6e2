import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/shared/api";

const key = ["rates"];

/** What places of computing cost, as the person wrote it down. */
export function useRates() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => answer(api.GET("/api/v1/local/rates", { signal })),
  });
}

/** Writes a rate down; whatever was estimated is estimated again. */
export function useSetRate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["RateRequest"]) => answer(api.PUT("/api/v1/local/rates", { body })),
    onSuccess: (rates) => {
      client.setQueryData(key, rates);
      return Promise.all(
        [["fits"], ["tune-choice"], ["tune-places"]].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
}
