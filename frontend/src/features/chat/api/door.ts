/** Two ways to the same conversation: as somebody of the studio, or by the link of a published flow. */
import { createContext, useContext } from "react";
import { allPages, answer, api, type Schemas } from "@/shared/api";
import type { ChatMessage, Version, Words } from "./chat";

export interface ChatDoor {
  /** Who talks has no account: nothing of the studio is a click away. */
  guest: boolean;
  begin: (flowId: string) => Promise<string>;
  /** The last message of the branch in view. */
  session: (id: string, signal: AbortSignal) => Promise<{ id: string; head?: string | null; title?: string }>;
  messages: (id: string, signal: AbortSignal) => Promise<ChatMessage[]>;
  say: (id: string, words: Words, version: Version) => Promise<ChatMessage>;
  show: (id: string, head: string) => Promise<unknown>;
  stop: (id: string, runId: string) => Promise<unknown>;
}

const ofSession = (id: string) => ({ params: { path: { session_id: id } } });

const studioDoor: ChatDoor = {
  guest: false,
  begin: async (flowId) => {
    const params = { path: { flow_id: flowId } };
    return (await answer(api.POST("/api/v1/flows/{flow_id}/sessions", { params, body: {} }))).id;
  },
  session: (id, signal) => answer(api.GET("/api/v1/sessions/{session_id}", { ...ofSession(id), signal })),
  messages: (id, signal) =>
    allPages((cursor) =>
      api.GET("/api/v1/sessions/{session_id}/messages", {
        params: { path: { session_id: id }, query: { cursor, limit: 200 } },
        signal,
      }),
    ),
  say: async (id, { text, files, insteadOf }, version) => {
    const body = {
      text,
      version: String(version),
      files: files.map((file) => file.ref),
      ...(insteadOf ? { instead_of: insteadOf } : {}),
    };
    return (await answer(api.POST("/api/v1/sessions/{session_id}/messages", { ...ofSession(id), body })))
      .message;
  },
  show: (id, head) =>
    answer(api.PATCH("/api/v1/sessions/{session_id}", { ...ofSession(id), body: { head } })),
  stop: (_id, runId) =>
    answer(api.POST("/api/v1/runs/{run_id}/cancel", { params: { path: { run_id: runId } } })),
};

/** Visitors attach nothing and rate nothing. */
const complete = (message: Schemas["VisitMessage"]): ChatMessage => ({
  ...message,
  files: [],
  feedback: null,
});

export function linkDoor(code: string): ChatDoor {
  const at = (id: string) => ({ path: { code, session_id: id } });
  return {
    guest: true,
    begin: async () =>
      (await answer(api.POST("/api/v1/shared/{code}/sessions", { params: { path: { code } } }))).id,
    session: (id, signal) =>
      answer(api.GET("/api/v1/shared/{code}/sessions/{session_id}", { params: at(id), signal })),
    messages: async (id, signal) =>
      (
        await allPages((cursor) =>
          api.GET("/api/v1/shared/{code}/sessions/{session_id}/messages", {
            params: { ...at(id), query: { cursor, limit: 200 } },
            signal,
          }),
        )
      ).map(complete),
    say: async (id, { text, insteadOf }) =>
      complete(
        await answer(
          api.POST("/api/v1/shared/{code}/sessions/{session_id}/messages", {
            params: at(id),
            body: { text, ...(insteadOf ? { instead_of: insteadOf } : {}) },
          }),
        ),
      ),
    show: (id, head) =>
      answer(api.PATCH("/api/v1/shared/{code}/sessions/{session_id}", { params: at(id), body: { head } })),
    stop: (id, runId) =>
      answer(
        api.POST("/api/v1/shared/{code}/sessions/{session_id}/runs/{run_id}/stop", {
          params: { path: { code, session_id: id, run_id: runId } },
        }),
      ),
  };
}

export const Door = createContext(studioDoor);

export const useDoor = () => useContext(Door);
