/** Which panels are open beside the canvas, remembered per flow on this device. */
import { hasChat } from "../model/entrance";
import type { EditorStore } from "./editor";

/** Below this width panels lie over the canvas, so none is open at first. */
const NARROW = 760;

const key = (flowId: string) => `flowloft.panels.${flowId}`;

interface Panels {
  palette: boolean;
  chat: boolean;
}

function remembered(flowId: string): Partial<Panels> {
  try {
    return JSON.parse(localStorage.getItem(key(flowId)) ?? "{}") as Partial<Panels>;
  } catch {
    return {};
  }
}

/** What is open at first: what was, and the chat where the address asks for it. */
export function panelsAtFirst(flowId: string): Panels {
  const last = remembered(flowId);
  const asked = new URLSearchParams(window.location.search).has("chat");
  return { palette: last.palette ?? window.innerWidth > NARROW, chat: last.chat ?? asked };
}

/**
 * Opens what was open, and the chat where the address asks for it (`?chat=1`, after a template).
 * Before the first paint, so that the flow is fitted to the room that is left for it.
 */
export function openPanels(store: EditorStore): EditorStore {
  const { flowId, history } = store.getState();
  const { palette, chat } = panelsAtFirst(flowId);
  store.setState({ palette, side: chat && hasChat(history.present) ? "chat" : null });
  return store;
}

/** Keeps which panels are open, until the returned function is called. */
export function rememberPanels(store: EditorStore): () => void {
  const { flowId } = store.getState();
  return store.subscribe((state, before) => {
    if (state.palette === before.palette && state.side === before.side) return;
    const panels: Panels = { palette: state.palette, chat: state.side === "chat" };
    try {
      localStorage.setItem(key(flowId), JSON.stringify(panels));
    } catch {
      // Storage is full or off: the panels open as they do the first time.
    }
  });
}
