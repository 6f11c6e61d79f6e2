import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, cursorOf, type Schemas } from "@/shared/api";
import { useDoor } from "./door";

export type Feedback = Schemas["FeedbackRequest"];
export type Rated = Schemas["Rated"];
export type Rating = Feedback["rating"];

const feedbackKey = (flowId: string) => ["chat", "feedback", flowId];

/** `null` takes back what was thought. */
export function useFeedback(messageId: string) {
  const client = useQueryClient();
  const door = useDoor();
  return useMutation({
    // One after the other: a thumb that arrives after its reason would wipe the reason out.
    scope: { id: `feedback of ${messageId}` },
    mutationFn: (given: Feedback | null) => door.rate(messageId, given),
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
