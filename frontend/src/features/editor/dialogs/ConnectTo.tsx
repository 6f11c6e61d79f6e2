import { t } from "@/shared/i18n";
import { KindIcon, portColor } from "@/shared/ui";
import { portTitle } from "../canvas/portTitle";
import { refusalOf } from "../model/connect";
import { graphAt, nodeAt, scopeOf } from "../model/document";
import { kindOf, portsOf } from "../model/ports";
import { useSession } from "../session";
import { connectPorts, nodeTitle } from "../store/gestures";
import styles from "./dialogs.module.css";
import { type Choice, SearchList } from "./SearchList";

/** Draws a wire by keyboard: from the selected node's outputs to any port that takes them. */
export default function ConnectTo({ close }: { close(): void }) {
  const { store } = useSession();
  const { catalogue, history, selectedNodes } = store.getState();
  const document = history.present;
  const [id = ""] = selectedNodes;
  const node = nodeAt(document, id);
  if (!node) return null;
  const choices: Choice[] = [];
  for (const out of portsOf(node, kindOf(catalogue, node.kind)).outputs) {
    for (const [other, target] of Object.entries(graphAt(document, scopeOf(document, id)).nodes)) {
      const kind = kindOf(catalogue, target.kind);
      for (const port of portsOf(target, kind).inputs) {
        const edge = { source: id, source_port: out.name, target: other, target_port: port.name };
        if (refusalOf(document, catalogue, edge) !== null) continue;
        choices.push({
          key: `${out.name} ${other} ${port.name}`,
          label: `${nodeTitle(store, other)} · ${portTitle(port)}`,
          words: `${other} ${kind?.title ?? ""}`,
          group: t("From {port}", { port: portTitle(out) }),
          icon: <KindIcon name={kind?.icon ?? "help"} size={16} />,
          right: (
            <span className={styles.dot} style={{ background: portColor(port.type) }} title={port.type} />
          ),
          choose: () => connectPorts(store, edge),
        });
      }
    }
  }
  return (
    <SearchList
      title={t("Connect {title} to…", { title: nodeTitle(store, id) })}
      placeholder={t("Connect {title} to…", { title: nodeTitle(store, id) })}
      choices={choices}
      close={close}
    />
  );
}
