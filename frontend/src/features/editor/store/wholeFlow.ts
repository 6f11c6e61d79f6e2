/** What concerns the flow as one: files, copies, arranging. */
import { notifications } from "@mantine/notifications";
import { asApiError } from "@/shared/api";
import { t, tn } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { copyFlow, type FileFormat, getFile, importFlow } from "../api";
import { type Clip, readClip } from "../model/clipboard";
import { settle } from "../model/geometry";
import { move } from "../model/nodes";
import type { FlowDocument } from "../model/types";
import type { EditorSession } from "../session";
import { pasteClip } from "./clipboardGestures";

/** Saves what is not saved yet, then hands over the file that the server writes of it. */
export async function exportFlow({ store, autosave }: EditorSession, format: FileFormat): Promise<void> {
  try {
    await autosave.flush();
    const { name, text } = await getFile(store.getState().flowId, format);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text]));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (thrown) {
    tell.failure(thrown);
  }
}

/** What the menu's file dialog and a file that is dropped on the canvas offer. */
const FILES = ".json,.yaml,.yml,.py,application/json";

export async function importFile(session: EditorSession): Promise<void> {
  const field = document.createElement("input");
  field.type = "file";
  field.accept = FILES;
  field.onchange = () => {
    const file = field.files?.[0];
    if (file) void takeFile(session, file);
  };
  field.click();
}

/**
 * JSON comes into this flow: as it is into an empty one, beside what is there otherwise, so that nothing
 * is replaced. What only the server reads, or what brings further flows along, becomes a flow of its own.
 */
export async function takeFile(session: EditorSession, file: File): Promise<void> {
  const text = await file.text();
  const clip = readClip(text);
  const flow = clip ? (JSON.parse(text) as FlowDocument & { flows?: object }) : null;
  if (clip && flow && Object.keys(flow.flows ?? {}).length === 0) importClip(session, clip, flow);
  else await importElsewhere(session, text, file.name);
}

async function importElsewhere({ open, autosave }: EditorSession, text: string, name: string): Promise<void> {
  try {
    await autosave.flush();
    const id = await importFlow(text, /\.json$/i.test(name) ? name.replace(/\.json$/i, "") : "");
    if (id === null) return;
    tell.done(t("The file is a flow of its own now."));
    open(`/flows/${id}`);
  } catch (thrown) {
    tell.failure(thrown);
  }
}

function importClip(session: EditorSession, clip: Clip, flow: FlowDocument): void {
  const { store, flow: canvas } = session;
  const { history, change, catalogue } = store.getState();
  if (Object.keys(history.present.graph.nodes).length === 0 && flow.schema === "flowloft/flow") {
    const { flows: _none, ...whole } = flow as FlowDocument & { flows?: object };
    change(t("Import"), () => settle(whole, catalogue), { select: [] });
    requestAnimationFrame(() => void canvas.fitView({ maxZoom: 1, padding: 0.15 }));
  } else pasteClip(session, clip);
}

export async function saveCopy({ store, open }: EditorSession): Promise<void> {
  const { flowId, name, history } = store.getState();
  try {
    const copy = await copyFlow(flowId, t("{name} (copy)", { name }), history.present);
    open(`/flows/${copy.id}`);
  } catch (thrown) {
    const error = asApiError(thrown);
    notifications.show({ color: "red", title: error.words, message: error.advice });
  }
}

/** Arranges the selected nodes, or all, from left to right, as one step of undo. */
export async function layOut({ store, flow }: EditorSession): Promise<void> {
  const { history, catalogue, say, selectedNodes } = store.getState();
  const only = selectedNodes.size > 1 ? selectedNodes : undefined;
  const [{ arranged }, { withElk }] = await Promise.all([
    import("../layout/arrange"),
    import("../layout/elk"),
  ]);
  const places = await withElk((elk) => arranged(history.present, catalogue, elk, only));
  if (store.getState().history.present !== history.present) return;
  const moved = Object.keys(places).length;
  if (moved === 0) return say(t("The nodes are arranged already."));
  store.getState().change(t("Arrange"), (document) => move(document, places));
  say(tn(moved, "Arranged: {n} node moved.", "Arranged: {n} nodes moved."));
  if (only) return;
  requestAnimationFrame(() => void flow.fitView({ duration: 200, maxZoom: 1, padding: 0.15 }));
}
