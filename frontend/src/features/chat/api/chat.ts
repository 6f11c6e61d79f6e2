import {
  type InfiniteData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type CursorPage, cursorOf, get, send } from "@/shared/api";

export interface ChatSession {
  id: string;
  title: string;
  created_at: string;
  updated_at: string;
}

export interface ChatMessage {
  id: string | number;
  role: "user" | "assistant";
  text: string;
  /** The run that the question started, or that wrote the answer. */
  run_id: string | null;
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

/** Newest page first; each further page goes back in time. */
export function useMessages(sessionId: string | null) {
  return useInfiniteQuery({
    queryKey: messagesKey(sessionId),
    queryFn: ({ pageParam, signal }) =>
      get<CursorPage<ChatMessage>>(`sessions/${sessionId}/messages`, { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => cursorOf(last.next),
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
      client.setQueryData<InfiniteData<CursorPage<ChatMessage>>>(messagesKey(sessionId), (known) =>
        withMessage(known, message),
      );
      client.invalidateQueries({ queryKey: sessionsKey(flowId) });
    },
  });
}

function withMessage(
  known: InfiniteData<CursorPage<ChatMessage>> | undefined,
  message: ChatMessage,
): InfiniteData<CursorPage<ChatMessage>> {
  const [first, ...older] = known?.pages ?? [{ results: [], next: null, previous: null }];
  const page = { next: null, previous: null, ...first, results: [message, ...(first?.results ?? [])] };
  return { pages: [page, ...older], pageParams: known?.pageParams ?? [undefined] };
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
