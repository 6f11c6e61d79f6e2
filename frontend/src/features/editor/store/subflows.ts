/** Flows inside flows: choosing one, taking one out of a selection, and going into it. */
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { createFlow, getFlowPorts } from "../api";
import { nodeAt } from "../model/document";
import { type Extracted, extract, putSubflow, SUBFLOW } from "../model/extract";
import { rename, setSettings } from "../model/nodes";
import type { EditorSession } from "../session";
import type { EditorStore } from "./editor";

/** Sets the flow that a node runs; its inputs and outputs become the node's ports. */
export async function chooseFlow(
  store: EditorStore,
  node: string,
  flow: { id: string; name: string },
  version: string,
): Promise<void> {
  try {
    const ports = await getFlowPorts(flow.id, version);
    store.getState().change(t("Choose the flow"), (document) => {
      const { catalogue } = store.getState();
      const placed = nodeAt(document, node);
      if (!placed) return document;
      const settings = { ...placed.settings, flow: flow.id, flow_version: version, ...ports };
      const next = setSettings(document, catalogue, node, settings);
      return placed.title || !flow.name ? next : rename(next, node, flow.name);
    });
  } catch (thrown) {
    tell.failure(thrown);
  }
}

/** What would be taken out; says why where that can't be. */
export function extractable(store: EditorStore): Extracted | null {
  const { history, catalogue, selectedNodes } = store.getState();
  const found = extract(history.present, catalogue, selectedNodes);
  if (typeof found !== "string") return found;
  tell.failure(
    new Error(
      found === "cycle"
        ? t("A wire leaves the selection and comes back to it. Select the nodes between as well.")
        : t("Select nodes that are neither a beginning nor an end of the flow."),
    ),
  );
  return null;
}

export async function extractSubflow(store: EditorStore, name: string): Promise<boolean> {
  const found = extractable(store);
  if (!found) return false;
  const before = store.getState().history.present;
  try {
    const flow = await createFlow(name, found.inner);
    if (store.getState().history.present !== before) return false;
    let id = "";
    store.getState().change(t("Extract a subflow"), (document) => {
      const put = putSubflow(document, store.getState().catalogue, found, { id: flow.id, name });
      id = put.id;
      return put.document;
    });
    store.getState().select([id]);
    store.getState().inspect(id, "settings");
    store.setState({ reveal: id });
    store.getState().say(t("The nodes are now the flow “{name}”.", { name }));
    return true;
  } catch (thrown) {
    tell.failure(thrown);
    return false;
  }
}

/** The flow that a node runs. */
export function flowInside(store: EditorStore, node: string | undefined): string | null {
  const placed = node === undefined ? undefined : nodeAt(store.getState().history.present, node);
  const flow = placed?.kind === SUBFLOW ? placed.settings.flow : null;
  return typeof flow === "string" && flow !== "" ? flow : null;
}

/** The way of flows that led here, outermost first, as the address keeps it. */
export function trailHere(): string[] {
  const via = new URLSearchParams(window.location.search).get("via") ?? "";
  return via.split(".").filter((id) => /^[0-9a-f-]{36}$/.test(id));
}

export async function dive(session: EditorSession, node: string): Promise<void> {
  const { store, autosave } = session;
  const flow = flowInside(store, node);
  if (flow === null) return;
  await autosave.flush();
  const trail = [...trailHere(), store.getState().flowId].slice(-8);
  session.open(`/flows/${flow}?via=${trail.join(".")}`);
}
