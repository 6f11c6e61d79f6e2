import { t } from "@/shared/i18n";
import { KindIcon } from "@/shared/ui";
import { COMMANDS, GROUP_TITLES } from "../commands";
import { keySigns } from "../keys";
import { nodeAt } from "../model/document";
import { kindOf } from "../model/ports";
import { readingOrder } from "../model/walk";
import { kindGroups } from "../palette/kinds";
import { useSession } from "../session";
import { addFromPalette, nodeTitle } from "../store/gestures";
import { goTo } from "../store/walking";
import styles from "./dialogs.module.css";
import { type Choice, SearchList } from "./SearchList";

/** Ctrl+K: every command, every node of the flow, every kind to add. */
export default function CommandPalette({ close }: { close(): void }) {
  const session = useSession();
  const { store } = session;
  const { catalogue, history } = store.getState();
  const commands: Choice[] = COMMANDS.filter(
    (command) =>
      command.id !== "commands" && command.group !== "walk" && (command.possible?.(session) ?? true),
  ).map((command) => ({
    key: command.id,
    label: t(command.title),
    words: command.title,
    group: t(GROUP_TITLES[command.group]),
    right: command.keys?.[0] && <kbd className={styles.key}>{keySigns(command.keys[0]).join(" ")}</kbd>,
    choose: () => command.run(session),
  }));
  const nodes: Choice[] = readingOrder(history.present).map((id) => {
    const kind = kindOf(catalogue, nodeAt(history.present, id)?.kind ?? "");
    return {
      key: `node ${id}`,
      label: nodeTitle(store, id),
      words: `${id} ${kind?.title ?? ""}`,
      group: t("Go to node"),
      icon: <KindIcon name={kind?.icon ?? "help"} size={16} />,
      choose: () => {
        goTo(session, id);
        store.getState().inspect(id);
      },
    };
  });
  const kinds: Choice[] = kindGroups(catalogue, "").flatMap((group) =>
    group.kinds.map((kind) => ({
      key: `kind ${kind.key}`,
      label: t("Add {title}", { title: t(kind.title) }),
      words: `${kind.title} ${kind.key}`,
      group: t("Add a node"),
      icon: <KindIcon name={kind.icon} size={16} />,
      choose: () => addFromPalette(store, kind.key, session.pointer()),
    })),
  );
  return (
    <SearchList
      title={t("Search commands and nodes")}
      placeholder={t("Search commands and nodes")}
      choices={[...commands, ...nodes, ...kinds]}
      close={close}
    />
  );
}
