import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type CursorPage, cursorOf, get, send } from "@/shared/api";

export interface ChatSession {
  id: string;
  title: string;
  created_at: string;
  updated_at: string;
}

export interface ChatMessage {
  id: string;
  role: "user" | "assistant";
  text: string;
  /** The run that the question started, or that wrote the answer. */
  run_id: string | null;
  /** Of an answer: that of its run. Of a question: `sent`. */
  status: string;
  created_at: string;
}

export type Version = "draft" | "published" | number;

interface Sent {
  message: ChatMessage;
  run: { id: string; last_seq: number };
}

const sessionsKey = (flowId: string) => ["chat", "sessions", flowId];
const messagesKey = (sessionId: string | null) => ["chat", "messages", sessionId];

export function useSessions(flowId: string) {
  return useQuery({
    queryKey: sessionsKey(flowId),
    queryFn: async ({ signal }) =>
      (await get<CursorPage<ChatSession>>(`flows/${flowId}/sessions`, undefined, signal)).results,
  });
}

/** All that was said, oldest first. The server pages it; a conversation is read whole. */
export function useMessages(sessionId: string | null) {
  return useQuery({
    queryKey: messagesKey(sessionId),
    queryFn: async ({ signal }) => {
      const messages: ChatMessage[] = [];
      let cursor: string | undefined;
      do {
        const page: CursorPage<ChatMessage> = await get(
          `sessions/${sessionId}/messages`,
          { cursor, limit: 200 },
          signal,
        );
        messages.push(...page.results);
        cursor = cursorOf(page.next);
      } while (cursor);
      return messages;
    },
    enabled: sessionId !== null,
    refetchOnMount: "always",
  });
}

export function useAsk(flowId: string, version: Version) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ sessionId, text }: { sessionId: string | null; text: string }) => {
      const id =
        sessionId ?? (await send<ChatSession>("POST", `flows/${flowId}/sessions`, { body: {} })).data.id;
      const { data } = await send<Sent>("POST", `sessions/${id}/messages`, { body: { text, version } });
      return { sessionId: id, ...data };
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
      send("PATCH", `sessions/${id}`, { body: { title } }),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey(flowId) }),
  });
}

export function useDeleteSession(flowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => send("DELETE", `sessions/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey(flowId) }),
  });
}
