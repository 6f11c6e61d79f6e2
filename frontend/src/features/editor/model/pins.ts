/** Outputs that stand in for running a node while the flow is drawn. They change nothing of what is published. */
import type { FlowDocument } from "./types";

export type Pinned = Record<string, unknown>;

export function pinOf(document: FlowDocument, id: string): Pinned | undefined {
  return document.ui.pins?.[id];
}

export function pin(document: FlowDocument, id: string, outputs: Pinned): FlowDocument {
  return { ...document, ui: { ...document.ui, pins: { ...document.ui.pins, [id]: outputs } } };
}

export function unpin(document: FlowDocument, id: string): FlowDocument {
  const { [id]: _gone, ...pins } = document.ui.pins ?? {};
  const { pins: _all, ...ui } = document.ui;
  return { ...document, ui: Object.keys(pins).length ? { ...ui, pins } : ui };
}

/** Values as a run told them, where they are whole: a value shown by its beginning can't be used again. */
export function wholeValues(values: Pinned | null | undefined): Pinned | null {
  if (!values) return null;
  const cut = (value: unknown) =>
    typeof value === "object" &&
    value !== null &&
    ["$clipped", "$text", "$stream"].some((mark) => mark in value);
  return Object.values(values).some(cut) ? null : values;
}
