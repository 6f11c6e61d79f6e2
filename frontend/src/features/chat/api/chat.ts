import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, type Schemas } from "@/shared/api";

export type ChatSession = Schemas["Session"];
/** `status` is that of its run for an answer, and `sent` for a question. */
export type ChatMessage = Schemas["Message"];
export type Version = "draft" | "published" | number;

const sessionsKey = (flowId: string) => ["chat", "sessions", flowId];
const messagesKey = (sessionId: string | null) => ["chat", "messages", sessionId];
const ofSession = (id: string) => ({ params: { path: { session_id: id } } });

export function useSessions(flowId: string) {
  return useQuery({
    queryKey: sessionsKey(flowId),
    queryFn: async ({ signal }) => {
      const params = { path: { flow_id: flowId } };
      return (await answer(api.GET("/api/v1/flows/{flow_id}/sessions", { params, signal }))).results;
    },
  });
}

/** All that was said, oldest first. */
export function useMessages(sessionId: string | null) {
  return useQuery({
    queryKey: messagesKey(sessionId),
    queryFn: ({ signal }) => {
      const path = { session_id: sessionId ?? "" };
      return allPages((cursor) =>
        api.GET("/api/v1/sessions/{session_id}/messages", {
          params: { path, query: { cursor, limit: 200 } },
          signal,
        }),
      );
    },
    enabled: sessionId !== null,
    refetchOnMount: "always",
  });
}

async function beginSession(flowId: string): Promise<string> {
  const params = { path: { flow_id: flowId } };
  return (await answer(api.POST("/api/v1/flows/{flow_id}/sessions", { params, body: {} }))).id;
}

export function useAsk(flowId: string, version: Version) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ sessionId, text }: { sessionId: string | null; text: string }) => {
      const id = sessionId ?? (await beginSession(flowId));
      const body = { text, version: String(version) };
      const said = await answer(
        api.POST("/api/v1/sessions/{session_id}/messages", { ...ofSession(id), body }),
      );
      return { sessionId: id, message: said.message };
    },
    onSuccess: ({ sessionId, message }) => {
      client.setQueryData<ChatMessage[]>(messagesKey(sessionId), (known = []) => [...known, message]);
      client.invalidateQueries({ queryKey: sessionsKey(flowId) });
    },
  });
}

export function useRefreshMessages() {
  const client = useQueryClient();
  return (sessionId: string | null) => client.invalidateQueries({ queryKey: messagesKey(sessionId) });
}

export function useRenameSession(flowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, title }: { id: string; title: string }) =>
      answer(api.PATCH("/api/v1/sessions/{session_id}", { ...ofSession(id), body: { title } })),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey(flowId) }),
  });
}

export function useDeleteSession(flowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE("/api/v1/sessions/{session_id}", ofSession(id))),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey(flowId) }),
  });
}
