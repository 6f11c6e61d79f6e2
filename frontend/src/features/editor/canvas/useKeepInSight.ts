import { useNodesInitialized, useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { useEditor } from "../store/context";

/** A panel that opens beside the canvas takes no node out of sight: what was wholly seen stays so. */
export function useKeepInSight(): void {
  const flow = useReactFlow();
  const ready = useNodesInitialized();
  const side = useEditor((state) => state.side);
  const before = useRef<{ side: string | null; width: number }>({ side, width: 0 });
  useEffect(() => {
    const width = document.querySelector(".react-flow")?.clientWidth ?? 0;
    const opened = before.current.side === null && side !== null;
    const wide = before.current.width;
    before.current = { side, width };
    if (!opened || !ready) return undefined;
    const { x, y, width: across, height } = flow.getNodesBounds(flow.getNodes());
    const { x: left, y: top, zoom } = flow.getViewport();
    const start = x * zoom + left;
    const end = start + across * zoom;
    const room = document.querySelector(".react-flow")?.clientHeight ?? 0;
    const seen = start >= 0 && end <= wide && y * zoom + top >= 0 && (y + height) * zoom + top <= room;
    if (!seen || end <= width) return undefined;
    // The canvas learns of its new width a moment later.
    const soon = setTimeout(() => void flow.fitView({ duration: 180, maxZoom: zoom, padding: 0.1 }), 60);
    return () => clearTimeout(soon);
  }, [side, ready, flow]);
}
