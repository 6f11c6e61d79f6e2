/** Where a person last looked in each flow, kept on this device. */
import type { Viewport } from "@xyflow/react";

const key = (flowId: string) => `flowloft.view.${flowId}`;

export function keptView(flowId: string): Viewport | null {
  try {
    const view = JSON.parse(localStorage.getItem(key(flowId)) ?? "null") as Viewport | null;
    return view && [view.x, view.y, view.zoom].every(Number.isFinite) ? view : null;
  } catch {
    return null;
  }
}

export function keepView(flowId: string, view: Viewport): void {
  localStorage.setItem(key(flowId), JSON.stringify(view));
}
