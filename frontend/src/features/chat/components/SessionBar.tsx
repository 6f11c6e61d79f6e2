import { ActionIcon, Button, Menu, Modal, TextInput, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconDots, IconMessagePlus, IconPencil, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { formatAgo } from "@/shared/lib/format";
import { Problem, tell } from "@/shared/ui";
import { type ChatSession, useDeleteSession, useRenameSession } from "../api/chat";
import classes from "./ChatPanel.module.css";

interface Props {
  flowId: string;
  sessions: ChatSession[];
  chosen: string | null | undefined;
  choose: (id: string | null) => void;
  begin: () => void;
}

const titleOf = (session: ChatSession | undefined) => session?.title || t("New chat");

/** Which conversation it is, the way to the others and to a new one. */
export function SessionBar({ flowId, sessions, chosen, choose, begin }: Props) {
  const current = sessions.find((session) => session.id === chosen);
  const [renaming, rename] = useDisclosure(false);
  const remove = useDeleteSession(flowId);
  return (
    <header className={classes.bar}>
      <Menu position="bottom-start" width={280}>
        <Menu.Target>
          <button type="button" className={classes.current} disabled={!sessions.length}>
            <span>{titleOf(current)}</span>
            {sessions.length ? <IconChevronDown size={15} aria-hidden /> : null}
          </button>
        </Menu.Target>
        <Menu.Dropdown className={classes.menu}>
          <Menu.Label>{t("Earlier chats")}</Menu.Label>
          {sessions.map((session) => (
            <Menu.Item
              key={session.id}
              onClick={() => choose(session.id)}
              aria-current={session.id === chosen}
            >
              <span className={classes.row}>
                <span>{titleOf(session)}</span>
                <small>{formatAgo(session.updated_at)}</small>
              </span>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={t("New chat")}>
        <ActionIcon aria-label={t("New chat")} onClick={begin}>
          <IconMessagePlus size={18} />
        </ActionIcon>
      </Tooltip>
      {current ? (
        <Menu>
          <Menu.Target>
            <ActionIcon aria-label={t("This chat")}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={rename.open}>
              {t("Rename")}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => remove.mutate(current.id, { onSuccess: begin, onError: tell.failure })}
            >
              {t("Delete this chat")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : null}
      <Modal opened={renaming} onClose={rename.close} title={t("Rename")}>
        {current ? <RenameForm flowId={flowId} session={current} done={rename.close} /> : null}
      </Modal>
    </header>
  );
}

function RenameForm({ flowId, session, done }: { flowId: string; session: ChatSession; done: () => void }) {
  const [title, setTitle] = useState(session.title ?? "");
  const save = useRenameSession(flowId);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ id: session.id, title: title.trim() }, { onSuccess: done });
  };
  return (
    <form onSubmit={submit}>
      {save.error ? <Problem error={save.error} /> : null}
      <TextInput
        label={t("Title")}
        data-autofocus
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Button mt="md" type="submit" loading={save.isPending} disabled={!title.trim()}>
        {t("Save")}
      </Button>
    </form>
  );
}
