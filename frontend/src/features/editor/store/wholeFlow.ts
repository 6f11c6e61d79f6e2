/** What concerns the flow as one: files, copies, arranging. */
import { notifications } from "@mantine/notifications";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { copyFlow, type FileFormat, getFile } from "../api";
import { readClip } from "../model/clipboard";
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

export async function importFile(session: EditorSession): Promise<void> {
  const field = document.createElement("input");
  field.type = "file";
  field.accept = ".json,application/json";
  field.onchange = async () => {
    const file = field.files?.[0];
    if (file) importText(session, await file.text());
  };
  field.click();
}

/** Into an empty flow as it is; beside what is there otherwise, so that nothing is replaced. */
export function importText(session: EditorSession, text: string): void {
  const { store, flow } = session;
  const clip = readClip(text);
  if (!clip) {
    notifications.show({
      color: "red",
      title: t("This file holds no flow."),
      message: t("Choose a file that was exported from Flowloft."),
    });
    return;
  }
  const { history, change } = store.getState();
  const document = JSON.parse(text) as FlowDocument;
  if (Object.keys(history.present.graph.nodes).length === 0 && document.schema === "flowloft/flow") {
    change(t("Import"), () => document, { select: [] });
    requestAnimationFrame(() => void flow.fitView({ maxZoom: 1, padding: 0.15 }));
  } else pasteClip(session, clip);
}

export async function saveCopy({ store, open }: EditorSession): Promise<void> {
  const { flowId, name, history } = store.getState();
  try {
    const copy = await copyFlow(flowId, t("{name} (copy)", { name }), history.present);
    open(`/flows/${copy.id}`);
  } catch (thrown) {
    const error = asApiError(thrown);
    notifications.show({ color: "red", title: error.words, message: error.hint });
  }
}

/** Arranges the nodes from left to right, as one step of undo. */
export async function layOut({ store, flow }: EditorSession): Promise<void> {
  const { history, catalogue, say } = store.getState();
  const { arranged } = await import("../layout/arrange");
  const places = await arranged(history.present, catalogue);
  if (store.getState().history.present !== history.present) return;
  store.getState().change(t("Arrange"), (document) => move(document, places));
  say(t("Arranged."));
  requestAnimationFrame(() => void flow.fitView({ duration: 200, maxZoom: 1, padding: 0.15 }));
}
