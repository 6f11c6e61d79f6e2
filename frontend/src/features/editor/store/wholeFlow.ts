/** What concerns the flow as one: files, copies, arranging. */
import { notifications } from "@mantine/notifications";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { copyFlow } from "../api";
import { readClip, withoutSecrets } from "../model/clipboard";
import { move } from "../model/nodes";
import type { FlowDocument } from "../model/types";
import type { EditorSession } from "../session";
import { pasteClip } from "./clipboardGestures";
import type { EditorStore } from "./editor";

/** One readable file: keys in order, no secrets. */
export function exportFlow(store: EditorStore): void {
  const { history, catalogue, name } = store.getState();
  const document = history.present;
  const nodes = Object.fromEntries(
    Object.entries(document.graph.nodes).map(([id, node]) => [id, withoutSecrets(node, catalogue)]),
  );
  const text = JSON.stringify(sorted({ ...document, graph: { ...document.graph, nodes } }), null, 2);
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "application/json" }));
  link.download = `${name.replace(/[\\/:*?"<>|]+/g, "-").trim() || "flow"}.flow.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
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
