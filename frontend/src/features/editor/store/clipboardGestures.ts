/** Copy, cut and paste by the system's clipboard; where there is none, by a text box. */
import { notifications } from "@mantine/notifications";
import { t, tn } from "@/shared/i18n";
import { type Clip, clipText, copyNodes, paste, readClip } from "../model/clipboard";
import { indexOf } from "../model/document";
import type { EditorSession } from "../session";
import type { EditorStore } from "./editor";
import { deleteSelection } from "./gestures";

export async function copySelection(store: EditorStore): Promise<boolean> {
  const { history, catalogue, selectedNodes, say } = store.getState();
  const clip = copyNodes(history.present, catalogue, selectedNodes);
  if (!clip) return false;
  const count = Object.keys(clip.graph.nodes).length;
  try {
    await navigator.clipboard.writeText(clipText(clip));
    say(tn(count, "Copied {n} node.", "Copied {n} nodes."));
    return true;
  } catch {
    store.setState({ dialog: "paste", clipText: clipText(clip) });
    return false;
  }
}

export async function cutSelection(store: EditorStore): Promise<void> {
  if (await copySelection(store)) deleteSelection(store);
}

export async function pasteFromClipboard(session: EditorSession): Promise<void> {
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    session.store.setState({ dialog: "paste", clipText: null });
    return;
  }
  if (!pasteText(session, text)) notifications.show({ message: t("The clipboard holds no nodes.") });
}

/** Adds the nodes at the mouse, never in place of what is there. */
export function pasteClip({ store, pointer }: EditorSession, clip: Clip): void {
  const { change, catalogue, inspected, history } = store.getState();
  const scope =
    inspected !== null && indexOf(history.present).nodes.get(inspected)?.node.body ? inspected : null;
  const at = pointer();
  let ids: string[] = [];
  change(t("Paste"), (document) => {
    const pasted = paste(document, catalogue, clip, at, scope);
    ids = pasted.ids;
    return pasted.document;
  });
  if (ids.length === 0) return;
  store.getState().select(ids);
  store.getState().say(tn(ids.length, "Pasted {n} node.", "Pasted {n} nodes."));
}

/** Reads the nodes out of a text; false where it holds none. */
export function pasteText(session: EditorSession, text: string): boolean {
  const clip = readClip(text);
  if (clip) pasteClip(session, clip);
  return clip !== null;
}
