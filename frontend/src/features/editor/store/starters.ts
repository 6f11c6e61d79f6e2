/** What an empty canvas offers as a first step. */
import { t } from "@/shared/i18n";
import { connect } from "../model/connect";
import { NODE_WIDTH } from "../model/geometry";
import { addNode, NOTE } from "../model/nodes";
import { kindOf } from "../model/ports";
import type { FlowDocument } from "../model/types";
import type { EditorStore } from "./editor";

const CHAT = [
  { kind: "chat_input", output: "text", input: "" },
  { kind: "chat_model", output: "output", input: "messages" },
  { kind: "chat_output", output: "", input: "text" },
];
const STEP = NODE_WIDTH + 88;

/** Nothing in it that could run: notes say something and do nothing. */
export function nothingToRun(document: FlowDocument): boolean {
  return Object.values(document.graph.nodes).every((node) => node.kind === NOTE);
}

/** A question, a model and its answer, wired: the smallest flow to talk with. */
export function beginWithChat(store: EditorStore): void {
  const { catalogue, change, say } = store.getState();
  if (!CHAT.every(({ kind }) => kindOf(catalogue, kind))) return;
  change(t("Begin with a chat"), (empty) => {
    let document = empty;
    let before: { id: string; port: string } | null = null;
    for (const [place, { kind, input, output }] of CHAT.entries()) {
      const added = addNode(document, catalogue, { kind, position: { x: place * STEP, y: 0 } });
      document = before
        ? connect(added.document, catalogue, {
            source: before.id,
            source_port: before.port,
            target: added.id,
            target_port: input,
          })
        : added.document;
      before = { id: added.id, port: output };
    }
    return document;
  });
  say(t("Added a question, a model and its answer."));
}
