/** Where the events of runs come from: for people of the studio, or for whoever has a link. */
import { createContext } from "react";

export interface Line {
  /** The path of the WebSocket. */
  socket: (runId: string) => string;
  /** The path of the same as server-sent events, where there is one. */
  events: ((runId: string) => string) | null;
  /** All events are told, so that a gap in their numbers means that some were missed. */
  whole: boolean;
}

export const studioLine: Line = {
  socket: (runId) => `/ws/runs/${runId}`,
  events: (runId) => `/api/v1/runs/${runId}/events`,
  whole: true,
};

export const RunLine = createContext<Line>(studioLine);
