import { ActionIcon, Loader, Menu, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDots, IconFileText, IconJson, IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { t } from "@/shared/i18n";
import { formatAgo } from "@/shared/lib/format";
import { Confirm, Problem, Rename } from "@/shared/ui";
import {
  type ChatSession,
  exportAddress,
  useDeleteSession,
  useRenameSession,
  useSessions,
} from "../api/chat";
import classes from "./SessionList.module.css";

interface Props {
  flowId: string;
  chosen: string | null | undefined;
  choose: (id: string) => void;
  /** After the chat in view was deleted. */
  begin: () => void;
  /** Something is asked or offered above the list, which must stay meanwhile. */
  hold?: (held: boolean) => void;
}

export const titleOf = (session: { title?: string } | undefined) => session?.title || t("New chat");

/** The chats with a flow: to be found by their words, opened, renamed, taken along, deleted. */
export function SessionList({ flowId, chosen, choose, begin, hold }: Props) {
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words.trim(), 250);
  const list = useSessions(flowId, q);
  const [renamed, rename] = useState<ChatSession | null>(null);
  const save = useRenameSession(flowId);
  const [doomed, doom] = useState<ChatSession | null>(null);
  const [offering, offer] = useState(false);
  const remove = useDeleteSession(flowId);
  const held = offering || renamed !== null || doomed !== null;
  useEffect(() => hold?.(held), [hold, held]);
  const sessions = list.data ?? [];
  return (
    <div className={classes.box}>
      <TextInput
        size="xs"
        aria-label={t("Search the chats")}
        placeholder={t("Search the chats")}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={list.isFetching ? <Loader size={12} aria-hidden /> : null}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      {list.isError ? <Problem error={list.error} /> : null}
      {list.data && !sessions.length ? (
        <p className={classes.none}>{q ? t("No chat has these words.") : t("No chats yet.")}</p>
      ) : null}
      <ul className={classes.list} aria-label={t("Chats")}>
        {sessions.map((session) => (
          <li key={session.id} className={classes.row} data-chosen={session.id === chosen || undefined}>
            <button
              type="button"
              className={classes.open}
              aria-current={session.id === chosen}
              title={titleOf(session)}
              onClick={() => choose(session.id)}
            >
              <span>{titleOf(session)}</span>
              <small>{formatAgo(session.updated_at)}</small>
            </button>
            <SessionMenu
              session={session}
              offer={offer}
              rename={() => rename(session)}
              doom={() => doom(session)}
            />
          </li>
        ))}
      </ul>
      <Rename
        of={renamed ? (renamed.title ?? "") : null}
        label={t("Title")}
        save={(title, done) => renamed && save.mutate({ id: renamed.id, title }, { onSuccess: done })}
        mutation={save}
        close={() => rename(null)}
      />
      <Confirm
        of={doomed?.id ?? null}
        title={t("Delete “{name}”?", { name: titleOf(doomed ?? undefined) })}
        mutation={remove}
        done={() => doomed?.id === chosen && begin()}
        close={() => doom(null)}
      >
        {t("What was said, attached and thought of it goes with it. Its runs stay.")}
      </Confirm>
    </div>
  );
}

interface MenuProps {
  session: ChatSession;
  offer: (open: boolean) => void;
  rename: () => void;
  doom: () => void;
}

function SessionMenu({ session, offer, rename, doom }: MenuProps) {
  return (
    <Menu position="bottom-end" withinPortal onChange={offer}>
      <Menu.Target>
        <ActionIcon
          size="sm"
          className={classes.more}
          aria-label={t("More about “{title}”", { title: titleOf(session) })}
        >
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={rename}>
          {t("Rename")}
        </Menu.Item>
        <Menu.Item
          component="a"
          href={exportAddress(session.id, "markdown")}
          download
          leftSection={<IconFileText size={16} />}
        >
          {t("Export as Markdown")}
        </Menu.Item>
        <Menu.Item
          component="a"
          href={exportAddress(session.id, "json")}
          download
          leftSection={<IconJson size={16} />}
        >
          {t("Export as JSON")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={doom}>
          {t("Delete this chat")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
