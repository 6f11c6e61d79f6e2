/** Where runs of the editor pause, remembered per flow on this device: nobody else's runs do. */
import type { EditorStore } from "./editor";

const key = (flowId: string) => `flowloft.breakpoints.${flowId}`;

export function keptBreakpoints(flowId: string): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(key(flowId)) ?? "[]") as string[]);
  } catch {
    return new Set();
  }
}

export function toggleBreakpoints(store: EditorStore, ids: Iterable<string>): void {
  const { flowId, breakpoints } = store.getState();
  const next = new Set(breakpoints);
  const wanted = [...ids];
  const all = wanted.every((id) => next.has(id));
  for (const id of wanted) all ? next.delete(id) : next.add(id);
  store.setState({ breakpoints: next });
  try {
    localStorage.setItem(key(flowId), JSON.stringify([...next]));
  } catch {
    // Storage is full or off: they last as long as the page.
  }
}
