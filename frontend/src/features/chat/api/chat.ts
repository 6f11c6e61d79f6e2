import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas, type SentFile } from "@/shared/api";
import { type ChatDoor, useDoor } from "./door";

export type ChatSession = Schemas["Session"];
/** `status` is that of its run for an answer, and `sent` for a question. */
export type ChatMessage = Schemas["Message"];
export type ChatFile = SentFile;
type ChatPlace = Awaited<ReturnType<ChatDoor["session"]>>;
export type Version = "draft" | "published" | number;

const sessionsKey = (flowId: string) => ["chat", "sessions", flowId];
const sessionKey = (sessionId: string | null) => ["chat", "session", sessionId];
const messagesKey = (sessionId: string | null) => ["chat", "messages", sessionId];
const ofSession = (id: string) => ({ params: { path: { session_id: id } } });

/** The newest chats, or those in which some words stand. */
export function useSessions(flowId: string, q = "") {
  return useQuery({
    queryKey: [...sessionsKey(flowId), q],
    queryFn: async ({ signal }) => {
      const params = { path: { flow_id: flowId }, query: q ? { q } : {} };
      return (await answer(api.GET("/api/v1/flows/{flow_id}/sessions", { params, signal }))).results;
    },
    placeholderData: keepPreviousData,
  });
}

/** One chat, with the branch of it that is in view. */
export function useSession(sessionId: string | null) {
  const door = useDoor();
  return useQuery({
    queryKey: sessionKey(sessionId),
    queryFn: ({ signal }) => door.session(sessionId ?? "", signal),
    enabled: sessionId !== null,
    refetchOnMount: "always",
  });
}

/** All that was said, oldest first. */
export function useMessages(sessionId: string | null) {
  const door = useDoor();
  return useQuery({
    queryKey: messagesKey(sessionId),
    queryFn: ({ signal }) => door.messages(sessionId ?? "", signal),
    enabled: sessionId !== null,
    refetchOnMount: "always",
  });
}

export interface Words {
  text: string;
  files: ChatFile[];
  /** A question that this is asked instead of. */
  insteadOf?: string;
}

export function useAsk(flowId: string, version: Version) {
  const client = useQueryClient();
  const door = useDoor();
  return useMutation({
    mutationFn: async ({ sessionId, ...words }: Words & { sessionId: string | null }) => {
      const id = sessionId ?? (await door.begin(flowId));
      return { sessionId: id, message: await door.say(id, words, version) };
    },
    onSuccess: ({ sessionId, message }) => {
      client.setQueryData<ChatMessage[]>(messagesKey(sessionId), (known = []) => [...known, message]);
      client.setQueryData<ChatPlace>(
        sessionKey(sessionId),
        (known) => known && { ...known, head: message.id },
      );
      client.invalidateQueries({ queryKey: sessionsKey(flowId) });
    },
  });
}

export function useStop(sessionId: string | null) {
  const door = useDoor();
  return useMutation({ mutationFn: (runId: string) => door.stop(sessionId ?? "", runId) });
}

export function useRefreshMessages() {
  const client = useQueryClient();
  return (sessionId: string | null) => {
    client.invalidateQueries({ queryKey: messagesKey(sessionId) });
    client.invalidateQueries({ queryKey: sessionKey(sessionId) });
  };
}

/** Shows another branch; at once here, and kept for the next time. */
export function useShowBranch(sessionId: string | null) {
  const client = useQueryClient();
  const door = useDoor();
  return useMutation({
    mutationFn: (head: string) => door.show(sessionId ?? "", head),
    onMutate: (head) =>
      client.setQueryData<ChatPlace>(sessionKey(sessionId), (known) => known && { ...known, head }),
  });
}

export function useRenameSession(flowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, title }: { id: string; title: string }) =>
      answer(api.PATCH("/api/v1/sessions/{session_id}", { ...ofSession(id), body: { title } })),
    onSuccess: (_, { id }) => {
      client.invalidateQueries({ queryKey: sessionsKey(flowId) });
      client.invalidateQueries({ queryKey: sessionKey(id) });
    },
  });
}

export function useDeleteSession(flowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE("/api/v1/sessions/{session_id}", ofSession(id))),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey(flowId) }),
  });
}

export function exportAddress(sessionId: string, format: "markdown" | "json"): string {
  return `/api/v1/sessions/${sessionId}/export?as=${format}`;
}
