import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { absolutePosition } from "../model/containers";
import type { CanvasNode } from "../store/canvasElements";
import { useEditor, useEditorStore } from "../store/context";
import type { EditorStore } from "../store/editor";
import { around, type Box, fitted, hasRoom, isSeen, READABLE, type Room, shifted, type View } from "./sight";

/**
 * Moves the canvas no more than it takes to see the node that was added or gone to. What was wholly in sight stays
 * so when a node comes or a panel opens beside the canvas, as far as there is room; only where all was in sight is
 * the drawing made smaller for it.
 */
export function useSight(): void {
  const store = useEditorStore();
  const flow = useReactFlow();
  const wanted = useEditor((state) => state.reveal);
  const open = useEditor((state) => state.side !== null || state.inspected !== null);
  const last = useRef<{ open: boolean; room: Room | undefined } | null>(null);
  const earlier = useEarlier(store);
  useEffect(() => {
    const now = { open, room: roomNow() };
    const was = last.current ?? now;
    last.current = now;
    const opened = open && !was.open;
    if (wanted === null && !opened) return;
    const before = earlier.current ?? store.getState().nodes;
    // One frame later, when the panel beside the canvas has taken its room.
    const frame = requestAnimationFrame(() => {
      const room = roomNow();
      const { nodes } = store.getState();
      store.setState({ reveal: null });
      if (!room) return;
      now.room = room;
      const view = flow.getViewport();
      const target = wanted === null ? undefined : boxOf(store, nodes, wanted);
      const next = nextView(seen(before, view, was.room ?? room), nodes, target, view, room);
      if (next) void flow.setViewport(next, { duration: 180 });
    });
    return () => cancelAnimationFrame(frame);
  }, [wanted, open, flow, store, earlier]);
}

function nextView(
  before: { ids: Set<string>; all: boolean },
  nodes: CanvasNode[],
  target: Box | undefined,
  view: View,
  room: Room,
): View | null {
  const outer = nodes.filter((node) => node.parentId === undefined);
  const kept = outer.filter((node) => before.ids.has(node.id)).map(outerBox);
  const wanted = target ? [...kept, target] : kept;
  if (wanted.length === 0) return null;
  if (target && view.zoom < READABLE) {
    const zoom = 0.8;
    const x = room.width / 2 - (target.x + target.width / 2) * zoom;
    return { x, y: room.height / 2 - (target.y + target.height / 2) * zoom, zoom };
  }
  if (wanted.every((box) => isSeen(box, view, room))) return target ? moved(target, view, room) : null;
  const whole = before.all ? fitted(around(outer.map(outerBox)), view, room) : null;
  if (whole) return whole;
  const all = around(wanted);
  if (hasRoom(all, view, room)) return shifted(all, view, room);
  return target ? moved(target, view, room) : null;
}

function moved(target: Box, view: View, room: Room): View | null {
  const next = shifted(target, view, room);
  return next.x === view.x && next.y === view.y ? null : next;
}

function seen(nodes: CanvasNode[], view: View, room: Room): { ids: Set<string>; all: boolean } {
  const outer = nodes.filter((node) => node.parentId === undefined);
  const ids = outer.filter((node) => isSeen(outerBox(node), view, room)).map((node) => node.id);
  return { ids: new Set(ids), all: ids.length === outer.length };
}

/** A node that stands on the canvas itself. */
function outerBox({ position, width = 0, height = 0 }: CanvasNode): Box {
  return { ...position, width, height };
}

function boxOf(store: EditorStore, nodes: CanvasNode[], id: string): Box | undefined {
  const node = nodes.find((one) => one.id === id);
  if (!node) return undefined;
  const { width = 0, height = 0 } = node;
  return { ...absolutePosition(store.getState().history.present, id), width, height };
}

function roomNow(): Room | undefined {
  return document.querySelector(".react-flow")?.getBoundingClientRect();
}

/** The nodes as they were painted last, while a change of them waits for its frame. */
function useEarlier(store: EditorStore): { readonly current: CanvasNode[] | null } {
  const earlier = useRef<CanvasNode[] | null>(null);
  useEffect(
    () =>
      store.subscribe(({ nodes }, { nodes: before }) => {
        if (nodes === before || earlier.current) return;
        earlier.current = before;
        requestAnimationFrame(() => {
          earlier.current = null;
        });
      }),
    [store],
  );
  return earlier;
}
