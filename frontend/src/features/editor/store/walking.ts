/** Going from node to node by the arrow keys; the view follows. */
import { absolutePosition } from "../model/containers";
import { type Direction, neighbour, readingOrder } from "../model/walk";
import type { EditorSession } from "../session";
import { nodeTitle } from "./gestures";

export function step(session: EditorSession, direction: Direction): void {
  const { selectedNodes, history } = session.store.getState();
  const from = [...selectedNodes].at(-1);
  const to =
    from === undefined ? readingOrder(history.present)[0] : neighbour(history.present, from, direction);
  if (to) goTo(session, to);
}

/** Selects a node, brings it into view and gives it the focus. */
export function goTo({ store, flow }: EditorSession, id: string): void {
  const state = store.getState();
  const node = state.nodes.find((one) => one.id === id);
  if (!node) return;
  state.select([id]);
  if (state.inspected !== null) state.inspect(id);
  state.say(nodeTitle(store, id));
  const { x, y } = absolutePosition(state.history.present, id);
  const { width = 0, height = 0 } = node;
  const box = document.querySelector(".react-flow")?.getBoundingClientRect();
  const from = flow.flowToScreenPosition({ x, y });
  const to = flow.flowToScreenPosition({ x: x + width, y: y + height });
  const inside = box && from.x >= box.left && from.y >= box.top && to.x <= box.right && to.y <= box.bottom;
  const zoom = Math.max(flow.getZoom(), 0.6);
  if (!inside) void flow.setCenter(x + width / 2, y + height / 2, { zoom, duration: 160 });
  requestAnimationFrame(() => {
    const element = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
    element?.focus({ preventScroll: true });
  });
}
