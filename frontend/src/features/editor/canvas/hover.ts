/** Which wire the mouse is on; it lingers a moment, so that its buttons can be reached. */
import type { EditorStore } from "../store/editor";

const LINGER = 250;
let leaving: ReturnType<typeof setTimeout> | undefined;

export function holdWire(store: EditorStore, id: string): void {
  clearTimeout(leaving);
  if (store.getState().connecting) return;
  if (store.getState().hoveredEdge !== id) store.setState({ hoveredEdge: id });
}

export function leaveWire(store: EditorStore): void {
  clearTimeout(leaving);
  leaving = setTimeout(() => store.setState({ hoveredEdge: null }), LINGER);
}
