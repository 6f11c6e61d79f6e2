/** What of a draft would change with the settings of a trial. */
import { type Catalogue, type FlowDocument, fieldsOf, kindOf, sameValue, valueIn } from "@/features/editor";
import type { SearchedField, Trial } from "../api/experiments";

export interface Change {
  setting: SearchedField;
  now: unknown;
  then: unknown;
  /** `gone`: the draft has no such setting any more; `wired`: its value now comes along a wire. */
  is: "new" | "same" | "gone" | "wired";
}

export function changesOf(
  grid: SearchedField[],
  trial: Trial,
  document: FlowDocument,
  catalogue: Catalogue,
): Change[] {
  return grid.map((setting, at) => {
    const then = trial.values[at];
    const node = nodeOn(document, setting.node);
    const kind = kindOf(catalogue, node?.kind ?? "");
    const field = kind && fieldsOf(kind).find((one) => one.name === setting.field);
    if (!node || !field) return { setting, now: undefined, then, is: "gone" };
    if (node.wired?.includes(setting.field)) return { setting, now: undefined, then, is: "wired" };
    const now = valueIn(field, node.settings ?? {});
    return { setting, now, then, is: sameValue(now, then) ? "same" : "new" };
  });
}

/** A node by the ids on the way to it, `loop/ask`. */
function nodeOn(document: FlowDocument, path: string) {
  let graph: FlowDocument["graph"] | undefined = document.graph;
  let node: FlowDocument["graph"]["nodes"][string] | undefined;
  for (const id of path.split("/")) {
    node = graph?.nodes[id];
    graph = node?.body;
  }
  return node;
}
