/** Going from node to node by the arrow keys; the view follows. */
import { indexOf } from "../model/document";
import { hiddenNodes } from "../model/groups";
import { type Direction, neighbour, readingOrder } from "../model/walk";
import type { EditorSession } from "../session";
import { foldGroup, nodeTitle } from "./gestures";

export function step(session: EditorSession, direction: Direction): void {
  const { selectedNodes, history } = session.store.getState();
  const from = [...selectedNodes].at(-1);
  const to =
    from === undefined ? readingOrder(history.present)[0] : neighbour(history.present, from, direction);
  if (to) goTo(session, to);
}

/** Selects a node, brings it into view and gives it the focus. */
export function goTo({ store }: EditorSession, id: string): void {
  const state = store.getState();
  if (!indexOf(state.history.present).nodes.has(id)) return;
  const folded = hiddenNodes(state.history.present).get(id);
  if (folded !== undefined) foldGroup(store, folded);
  state.select([id]);
  if (state.inspected !== null) state.inspect(id);
  state.say(nodeTitle(store, id));
  store.setState({ reveal: id });
  requestAnimationFrame(() => {
    const element = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
    element?.focus({ preventScroll: true });
  });
}
