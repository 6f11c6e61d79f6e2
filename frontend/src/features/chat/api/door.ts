/** Two ways to the same conversation: as somebody of the studio, or by the link of a published flow. */
import { createContext, useContext } from "react";
import { allPages, answer, api, asBytes, fileAddress, type SentFile, uploadFile } from "@/shared/api";
import type { ChatMessage, Version, Words } from "./chat";
import type { Feedback } from "./feedback";

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
  attach: (file: File) => Promise<SentFile>;
  fileAddress: (ref: string) => string;
  /** `null` takes back what was thought of an answer. */
  rate: (messageId: string, given: Feedback | null) => Promise<unknown>;
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
  attach: uploadFile,
  fileAddress,
  rate: (messageId, given) => {
    const params = { path: { message_id: messageId } };
    return given
      ? answer(api.PUT("/api/v1/messages/{message_id}/feedback", { params, body: given }))
      : answer(api.DELETE("/api/v1/messages/{message_id}/feedback", { params }));
  },
};

export function linkDoor(code: string): ChatDoor {
  const at = (id: string) => ({ path: { code, session_id: id } });
  return {
    guest: true,
    begin: async () =>
      (await answer(api.POST("/api/v1/shared/{code}/sessions", { params: { path: { code } } }))).id,
    session: (id, signal) =>
      answer(api.GET("/api/v1/shared/{code}/sessions/{session_id}", { params: at(id), signal })),
    messages: (id, signal) =>
      allPages((cursor) =>
        api.GET("/api/v1/shared/{code}/sessions/{session_id}/messages", {
          params: { ...at(id), query: { cursor, limit: 200 } },
          signal,
        }),
      ),
    say: (id, { text, files, insteadOf }) =>
      answer(
        api.POST("/api/v1/shared/{code}/sessions/{session_id}/messages", {
          params: at(id),
          body: {
            text,
            files: files.map((file) => file.ref),
            ...(insteadOf ? { instead_of: insteadOf } : {}),
          },
        }),
      ),
    show: (id, head) =>
      answer(api.PATCH("/api/v1/shared/{code}/sessions/{session_id}", { params: at(id), body: { head } })),
    stop: (id, runId) =>
      answer(
        api.POST("/api/v1/shared/{code}/sessions/{session_id}/runs/{run_id}/stop", {
          params: { path: { code, session_id: id, run_id: runId } },
        }),
      ),
    attach: (file) =>
      answer(
        api.POST("/api/v1/shared/{code}/files", {
          params: { path: { code }, query: { name: file.name } },
          ...asBytes(file),
        }),
      ),
    fileAddress: (ref) => `/api/v1/shared/${encodeURIComponent(code)}/files/${ref}`,
    rate: (messageId, given) => {
      const params = { path: { code, message_id: messageId } };
      return given
        ? answer(api.PUT("/api/v1/shared/{code}/messages/{message_id}/feedback", { params, body: given }))
        : answer(api.DELETE("/api/v1/shared/{code}/messages/{message_id}/feedback", { params }));
    },
  };
}

export const Door = createContext(studioDoor);

export const useDoor = () => useContext(Door);
