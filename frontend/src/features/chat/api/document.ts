import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/shared/api";
import type { Version } from "./chat";

/** The document that answers: what a chat needs of it is its greeting, its suggestions and where it speaks. */
export function useChatDocument(flowId: string, version: Version, wanted: boolean) {
  return useQuery({
    queryKey: ["chat", "document", flowId, version],
    queryFn: async ({ signal }) => {
      const path = { id: flowId };
      if (version === "draft")
        return (await answer(api.GET("/api/v1/flows/{id}/draft", { params: { path }, signal }))).document;
      const number = version === "published" ? await publishedNumber(flowId, signal) : version;
      const params = { path: { ...path, number } };
      return (await answer(api.GET("/api/v1/flows/{id}/versions/{number}", { params, signal }))).document;
    },
    enabled: wanted,
  });
}

async function publishedNumber(id: string, signal: AbortSignal): Promise<number> {
  return (
    (await answer(api.GET("/api/v1/flows/{id}", { params: { path: { id } }, signal }))).published_version ?? 0
  );
}
