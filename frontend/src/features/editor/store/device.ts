/** The copy of unsaved work on this device: it outlives a lost network and a closed tab. */
import type { FlowDocument } from "../model/types";

export interface Kept {
  revision: number;
  document: FlowDocument;
  /** What the server had at that revision. */
  base?: FlowDocument;
}

const key = (flowId: string) => `flowloft.draft.${flowId}`;

export function keepDraft(flowId: string, kept: Kept): void {
  try {
    localStorage.setItem(key(flowId), JSON.stringify(kept));
  } catch {
    // Storage is full or off: the page still holds the draft and goes on trying to save it.
  }
}

export function keptDraft(flowId: string): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(key(flowId)) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

export function dropKept(flowId: string): void {
  localStorage.removeItem(key(flowId));
}
