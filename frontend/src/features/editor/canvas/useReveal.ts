import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { absolutePosition } from "../model/containers";
import { useEditor, useEditorStore } from "../store/context";

const MARGIN = 32;
/** Below this zoom a title can't be read. */
const READABLE = 0.5;

/** Moves the canvas no more than it takes to see the node that was added or gone to. */
export function useReveal(): void {
  const store = useEditorStore();
  const flow = useReactFlow();
  const wanted = useEditor((state) => state.reveal);
  useEffect(() => {
    if (wanted === null) return;
    // One frame later, when the panel beside the canvas has taken its room.
    const frame = requestAnimationFrame(() => {
      store.setState({ reveal: null });
      const { history, nodes } = store.getState();
      const node = nodes.find((one) => one.id === wanted);
      const box = document.querySelector(".react-flow")?.getBoundingClientRect();
      if (!node || !box) return;
      const at = absolutePosition(history.present, wanted);
      const { width = 0, height = 0 } = node;
      const { x, y, zoom } = flow.getViewport();
      if (zoom < READABLE) {
        void flow.setCenter(at.x + width / 2, at.y + height / 2, { zoom: 0.8, duration: 180 });
        return;
      }
      const dx = shift(at.x * zoom + x, width * zoom, box.width);
      const dy = shift(at.y * zoom + y, height * zoom, box.height);
      if (dx !== 0 || dy !== 0) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: 180 });
    });
    return () => cancelAnimationFrame(frame);
  }, [wanted, flow, store]);
}

function shift(start: number, size: number, room: number): number {
  if (start < MARGIN || size > room - 2 * MARGIN) return MARGIN - start;
  const over = start + size - (room - MARGIN);
  return over > 0 ? -over : 0;
}
