import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/shared/api";

/** What a link leads to: the name of the flow, and what a chat draws of it. */
export function useSharedFlow(code: string) {
  return useQuery({
    queryKey: ["chat", "shared", code],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/shared/{code}", { params: { path: { code } }, signal })),
    retry: false,
  });
}
