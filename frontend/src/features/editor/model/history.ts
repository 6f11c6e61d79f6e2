/** Undo and redo over whole documents, which share all that did not change. */
import type { FlowDocument } from "./types";

const KEPT = 200;

interface Step {
  document: FlowDocument;
  /** What the change was, for the tooltip of Undo. */
  label: string;
}

export interface History {
  past: Step[];
  present: FlowDocument;
  future: Step[];
  /** While it is set, changes with the same key join the last step. */
  open: string | null;
}

export function startHistory(document: FlowDocument): History {
  return { past: [], present: document, future: [], open: null };
}

/**
 * Takes a change in.
 *
 * @param label What was done, for people.
 * @param key Changes that follow each other with one key are one step: the keystrokes of a field.
 */
export function record(
  history: History,
  document: FlowDocument,
  label: string,
  key: string | null = null,
): History {
  if (document === history.present) return history;
  if (key !== null && key === history.open) {
    return { ...history, present: document, future: [] };
  }
  const past = [...history.past, { document: history.present, label }].slice(-KEPT);
  return { past, present: document, future: [], open: key };
}

/** Ends the step under way: the field was left. */
export function seal(history: History): History {
  return history.open === null ? history : { ...history, open: null };
}

export function undo(history: History): History {
  const last = history.past.at(-1);
  if (!last) return history;
  return {
    past: history.past.slice(0, -1),
    present: last.document,
    future: [{ document: history.present, label: last.label }, ...history.future],
    open: null,
  };
}

export function redo(history: History): History {
  const [next, ...future] = history.future;
  if (!next) return history;
  return {
    past: [...history.past, { document: history.present, label: next.label }],
    present: next.document,
    future,
    open: null,
  };
}
