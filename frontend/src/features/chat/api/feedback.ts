import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, cursorOf, type Schemas } from "@/shared/api";

export type Feedback = Schemas["FeedbackRequest"];
export type Rated = Schemas["Rated"];
export type Rating = Feedback["rating"];

const feedbackKey = (flowId: string) => ["chat", "feedback", flowId];

/** `null` takes back what was thought. */
export function useFeedback(messageId: string) {
  const client = useQueryClient();
  const params = { path: { message_id: messageId } };
  return useMutation({
    mutationFn: async (given: Feedback | null) => {
      if (given) await answer(api.PUT("/api/v1/messages/{message_id}/feedback", { params, body: given }));
      else await answer(api.DELETE("/api/v1/messages/{message_id}/feedback", { params }));
    },
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ["chat", "messages"] });
      client.invalidateQueries({ queryKey: ["chat", "feedback"] });
    },
  });
}

export function useRated(flowId: string, rating: Rating | undefined) {
  return useInfiniteQuery({
    queryKey: [...feedbackKey(flowId), rating],
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(
        api.GET("/api/v1/flows/{flow_id}/feedback", {
          params: { path: { flow_id: flowId }, query: { cursor, rating } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => cursorOf(last.next),
    refetchOnMount: "always",
  });
}

/** The datasets that examples can be added to. */
export function useDatasets(wanted: boolean) {
  return useQuery({
    queryKey: ["chat", "datasets"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/datasets", { signal }))).results,
    enabled: wanted,
  });
}

export function useDatasetOfFeedback(flowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["DatasetOfFeedbackRequest"]) =>
      answer(
        api.POST("/api/v1/flows/{flow_id}/feedback/dataset", {
          params: { path: { flow_id: flowId } },
          body,
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["datasets"] }),
  });
}
