import { useQuery } from "@tanstack/react-query";
import { get } from "@/shared/api";
import type { Version } from "./chat";

/** The document that answers: what a chat needs of it is its greeting, its suggestions and where it speaks. */
export function useChatDocument(flowId: string, version: Version, wanted: boolean) {
  return useQuery({
    queryKey: ["chat", "document", flowId, version],
    queryFn: async ({ signal }) => {
      if (version === "draft")
        return (await get<{ document: unknown }>(`flows/${flowId}/draft`, undefined, signal)).document;
      const number = version === "published" ? await publishedNumber(flowId, signal) : version;
      return (await get<{ document: unknown }>(`flows/${flowId}/versions/${number}`, undefined, signal))
        .document;
    },
    enabled: wanted,
  });
}

async function publishedNumber(flowId: string, signal: AbortSignal): Promise<number> {
  const flow = await get<{ published_version: number | null }>(`flows/${flowId}`, undefined, signal);
  return flow.published_version ?? 0;
}
