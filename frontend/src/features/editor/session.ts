/** What the parts of an open editor share: its store, the canvas, saving and running. */
import type { ReactFlowInstance } from "@xyflow/react";
import { createContext, useContext } from "react";
import type { Autosave } from "./store/autosave";
import type { CanvasEdge, CanvasNode } from "./store/canvasElements";
import type { EditorStore } from "./store/editor";
import type { Running } from "./store/running";

export interface EditorSession {
  store: EditorStore;
  flow: ReactFlowInstance<CanvasNode, CanvasEdge>;
  autosave: Autosave;
  running: Running;
  /** Runs at once, or opens the form or the chat that a run needs. */
  askToRun(): void;
  askToReplace(): void;
  askToAdd(): void;
  /** Which node comes between the selected one and the one behind it. */
  askToInsert(): void;
  toggleSide(): void;
  /** Last place of the mouse over the canvas, in canvas pixels; the middle of it otherwise. */
  pointer(): { x: number; y: number };
  /** Goes to another page of the studio. */
  open(path: string): void;
}

export const SessionContext = createContext<EditorSession | null>(null);

export function useSession(): EditorSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error("The editor's parts are drawn inside its session.");
  return session;
}
