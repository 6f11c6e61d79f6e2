import { listed, t } from "@/shared/i18n";
import { KindIcon, portColor } from "@/shared/ui";
import { portTitle, typeTitle } from "../canvas/portTitle";
import { type Refusal, refusalOf } from "../model/connect";
import { graphAt, nodeAt, scopeOf } from "../model/document";
import { kindOf, portsOf } from "../model/ports";
import type { Port } from "../model/types";
import { useSession } from "../session";
import { connectPorts, nodeTitle } from "../store/gestures";
import styles from "./dialogs.module.css";
import { type Choice, SearchList } from "./SearchList";

/** Draws a wire by keyboard: from the selected node's outputs to any port that takes them; of the others, why not. */
export default function ConnectTo({ close }: { close(): void }) {
  const { store } = useSession();
  const { catalogue, history, selectedNodes } = store.getState();
  const document = history.present;
  const [id = ""] = selectedNodes;
  const node = nodeAt(document, id);
  if (!node) return null;
  const { outputs } = portsOf(node, kindOf(catalogue, node.kind));
  const fitting: Choice[] = [];
  const refused: Choice[] = [];
  for (const out of outputs) {
    for (const [other, target] of Object.entries(graphAt(document, scopeOf(document, id)).nodes)) {
      if (other === id) continue;
      const kind = kindOf(catalogue, target.kind);
      for (const port of portsOf(target, kind).inputs) {
        const edge = { source: id, source_port: out.name, target: other, target_port: port.name };
        const refusal = refusalOf(document, catalogue, edge);
        const choice: Choice = {
          key: `${out.name} ${other} ${port.name}`,
          label: `${nodeTitle(store, other)} · ${portTitle(port)}`,
          words: `${other} ${kind?.title ?? ""}`,
          group: t("From {port}", { port: portTitle(out) }),
          icon: <KindIcon name={kind?.icon ?? "help"} size={16} />,
          right: (
            <span
              className={styles.dot}
              style={{ background: portColor(port.type) }}
              title={typeTitle(port.type)}
            />
          ),
          choose: () => connectPorts(store, edge),
        };
        if (refusal === null) fitting.push(choice);
        else {
          const group = t("Not possible from {port}", { port: portTitle(out) });
          refused.push({ ...choice, group, why: whyNot(refusal, out, port) });
        }
      }
    }
  }
  const title = t("Connect {title} to…", { title: nodeTitle(store, id) });
  return (
    <SearchList
      title={title}
      placeholder={title}
      choices={[...fitting, ...refused]}
      note={fitting.length === 0 ? nothing(outputs, refused.length) : undefined}
      close={close}
    />
  );
}

function nothing(outputs: Port[], refused: number): string {
  if (outputs.length === 0) return t("This node gives nothing that could be led on.");
  if (refused === 0) return t("There is no other node with an input here yet.");
  return t("No input takes what this node gives ({types}), or has it already. The list says why.", {
    types: listed([...new Set(outputs.map((port) => typeTitle(port.type)))]),
  });
}

function whyNot(refusal: Refusal, out: Port, port: Port): string {
  if (refusal === "exists") return t("Connected already");
  if (refusal === "cycle") return t("It would run in a circle");
  return t("Takes {wanted}, not {given}", { wanted: typeTitle(port.type), given: typeTitle(out.type) });
}
