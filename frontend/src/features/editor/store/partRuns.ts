/** Runs of a part of the draft: one node, up to a node, from a node on, and what if. */
import { getOutputs, isOver, liveRun, type RunPart } from "@/features/runs";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { getInputs } from "../api";
import { indexOf } from "../model/document";
import { hasChat, inputNodes } from "../model/entrance";
import { pin, pinOf, unpin, wholeValues } from "../model/pins";
import type { EditorSession } from "../session";
import type { EditorStore } from "./editor";

type Values = Record<string, unknown>;

/** The run whose results the next one may use: none while it is under way. */
export function earlierRun(store: EditorStore): string | null {
  const { runId, lastRunId } = store.getState();
  const id = runId ?? lastRunId;
  const status = id === null ? undefined : liveRun(id)?.state.status;
  return status === undefined || isOver(status) || status === "waiting" ? id : null;
}

/** The step that a node showed last: in a body it runs many times. */
export function lastStep(store: EditorStore, id: string) {
  const { runId, lastRunId, baseRunId } = store.getState();
  for (const one of [runId ?? lastRunId, baseRunId]) {
    const run = one === null ? undefined : liveRun(one);
    const step = run?.state.steps[run.latest[id] ?? id];
    if (one !== null && step) return { runId: one, key: run?.latest[id] ?? id, step };
  }
  return undefined;
}

/** One node, with the inputs it had or with others. */
export async function runNode(session: EditorSession, id: string, inputs?: Values): Promise<void> {
  const { store, running } = session;
  const from = earlierRun(store) ?? undefined;
  const given =
    inputs ?? wholeValues(lastStep(store, id)?.step.inputs) ?? (needsNothing(store, id) ? {} : null);
  if (given) return running.start(undefined, { from_run: from, scope: { only: id, inputs: given } });
  // Not at hand, or too large to be sent back and forth: the server has what the nodes before it gave.
  if (from !== undefined) return running.start(undefined, { from_run: from, scope: { only: id } });
  store.getState().inspect(id, "run");
  tell.done(t("Give the node its inputs, or run the flow once."));
}

function needsNothing(store: EditorStore, id: string): boolean {
  return (indexOf(store.getState().history.present).incoming.get(id)?.length ?? 0) === 0;
}

/** A node and all that it needs; what is known already is not computed again. */
export async function runTo(session: EditorSession, id: string): Promise<void> {
  await withEarlier(session, { scope: { until: id } }, true);
}

/** A node and all that comes after it, with what came before as it was. */
export async function runFrom(session: EditorSession, id: string, step?: string): Promise<void> {
  const start = step ?? lastStep(session.store, id)?.key ?? id;
  await withEarlier(session, { scope: { start } });
}

/** What has finished stays, what failed or was stopped runs again. */
export async function resume(session: EditorSession): Promise<void> {
  await withEarlier(session, {});
}

export async function whatIf(
  session: EditorSession,
  edit: { step: string } & ({ outputs: Values } | { inputs: Values }),
): Promise<void> {
  await withEarlier(session, { edits: [edit] });
}

/** The whole flow with the inputs of the last run, every node anew. */
export async function runAnew(session: EditorSession): Promise<void> {
  const from = earlierRun(session.store);
  if (from === null) return session.askToRun();
  try {
    await session.running.start(await getInputs(from), { reuse: false });
  } catch (thrown) {
    tell.failure(thrown);
  }
}

async function withEarlier(session: EditorSession, part: RunPart, evenWithout = false): Promise<void> {
  const { store, running } = session;
  const from = earlierRun(store);
  const document = store.getState().history.present;
  if (from !== null) return running.start(undefined, { ...part, from_run: from });
  if (evenWithout && !hasChat(document) && inputNodes(document).length === 0) return running.start({}, part);
  tell.done(t("Run the whole flow once first: this uses what it gave."));
  session.askToRun();
}

/** Keeps what a node gave last, so that runs of the editor use it instead of running the node. */
export async function pinLast(store: EditorStore, id: string): Promise<void> {
  const last = lastStep(store, id);
  const from = last?.runId ?? earlierRun(store);
  if (from === null || (last && last.step.state !== "succeeded")) {
    tell.done(t("Run the node once: then what it gives can be pinned."));
    return;
  }
  try {
    const outputs = wholeValues(last?.step.outputs) ?? (await getOutputs(from, last?.key ?? id));
    pinOutputs(store, id, outputs);
  } catch (thrown) {
    tell.failure(thrown);
  }
}

export function pinOutputs(store: EditorStore, id: string, outputs: Values): void {
  store.getState().change(t("Pin an output"), (document) => pin(document, id, outputs));
  store.getState().say(t("Pinned."));
}

export function unpinNode(store: EditorStore, id: string): void {
  store.getState().change(t("Unpin an output"), (document) => unpin(document, id));
  store.getState().say(t("Unpinned."));
}

export function togglePin(store: EditorStore, id: string): void {
  if (pinOf(store.getState().history.present, id)) unpinNode(store, id);
  else void pinLast(store, id);
}
