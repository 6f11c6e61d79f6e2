import { IconSchema } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { t } from "@/shared/i18n";
import { places } from "@/shared/lib/places";
import { KindIcon } from "@/shared/ui";
import { getFlows } from "../api";
import { COMMANDS, GROUP_TITLES } from "../commands";
import { keySigns, keysOf } from "../keys";
import { nodeAt } from "../model/document";
import { kindOf } from "../model/ports";
import { readingOrder } from "../model/walk";
import { kindGroups } from "../palette/kinds";
import { useSession } from "../session";
import { addFromPalette, nodeTitle } from "../store/gestures";
import { goTo } from "../store/walking";
import styles from "./dialogs.module.css";
import { type Choice, SearchList } from "./SearchList";

/** Ctrl+K: every command, every node of the flow, every kind to add, every other flow and page. */
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
    right: keysOf(command)
      .slice(0, 1)
      .map((chord) => (
        <kbd key={chord} className={styles.key}>
          {keySigns(chord).join(" ")}
        </kbd>
      )),
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
  const flows = useQuery({ queryKey: ["editor", "flows"], queryFn: getFlows, staleTime: 10_000 });
  const others: Choice[] = (flows.data ?? [])
    .filter((flow) => flow.id !== store.getState().flowId)
    .map((flow) => ({
      key: `flow ${flow.id}`,
      label: flow.name,
      words: flow.description,
      group: t("Open flow"),
      icon: <IconSchema size={16} aria-hidden />,
      choose: () => session.open(`/flows/${flow.id}`),
    }));
  const pages: Choice[] = places().map(({ path, title, icon }) => ({
    key: `page ${path}`,
    label: t(title),
    words: `${title} ${path}`,
    group: t("Go to page"),
    icon: <KindIcon name={icon} size={16} />,
    choose: () => session.open(path),
  }));
  return (
    <SearchList
      title={t("Search commands and nodes")}
      placeholder={t("Search commands and nodes")}
      choices={[...commands, ...nodes, ...kinds, ...others, ...pages]}
      close={close}
    />
  );
}
