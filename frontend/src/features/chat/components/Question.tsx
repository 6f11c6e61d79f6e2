import { ActionIcon, Button, Group, Textarea, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconPencil } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { formatInstant } from "@/shared/lib/format";
import { CopyButton } from "@/shared/ui";
import type { ChatFile, ChatMessage } from "../api/chat";
import { AttachedFiles } from "./AttachedFiles";
import classes from "./Messages.module.css";

interface Props {
  text: string;
  files: ChatFile[];
  at?: string;
  /** What was said in its place, this among it; more than one are branches. */
  beside?: ChatMessage[];
  id?: string;
  /** Shows another branch; absent while it cannot be. */
  go?: (id: string) => void;
  /** Says it otherwise; absent while it cannot be. Resolves to `false` when it was not sent. */
  edit?: (text: string) => Promise<boolean>;
}

/** What a person said, with the ways to say it otherwise and to what was said instead. */
export function Question({ text, files, at, beside = [], id, go, edit }: Props) {
  const [editing, setEditing] = useState(false);
  const place = beside.findIndex((one) => one.id === id);
  const other = (by: number) => {
    const next = beside[place + by];
    if (next) go?.(next.id);
  };
  if (editing && edit)
    return <Edit text={text} cancel={() => setEditing(false)} send={edit} done={() => setEditing(false)} />;
  return (
    <div className={classes.asked}>
      <AttachedFiles files={files} />
      <div className={classes.question} title={at && formatInstant(at)}>
        <span className="visually-hidden">{t("You:")} </span>
        {text}
      </div>
      <div className={classes.askedTools} data-kept={beside.length > 1}>
        {beside.length > 1 ? (
          <span className={classes.branches}>
            <ActionIcon
              size="sm"
              aria-label={t("The version before")}
              disabled={place <= 0 || !go}
              onClick={() => other(-1)}
            >
              <IconChevronLeft size={15} />
            </ActionIcon>
            <span title={t("Versions of this message")}>
              {place + 1}/{beside.length}
            </span>
            <ActionIcon
              size="sm"
              aria-label={t("The next version")}
              disabled={place >= beside.length - 1 || !go}
              onClick={() => other(1)}
            >
              <IconChevronRight size={15} />
            </ActionIcon>
          </span>
        ) : null}
        {id ? <CopyButton text={() => text} label={t("Copy the message")} /> : null}
        {edit ? (
          <Tooltip label={t("Say it otherwise")}>
            <ActionIcon size="sm" aria-label={t("Say it otherwise")} onClick={() => setEditing(true)}>
              <IconPencil size={15} />
            </ActionIcon>
          </Tooltip>
        ) : null}
      </div>
    </div>
  );
}

interface EditProps {
  text: string;
  cancel: () => void;
  done: () => void;
  send: (text: string) => Promise<boolean>;
}

function Edit({ text: first, cancel, done, send }: EditProps) {
  const [text, setText] = useState(first);
  const submit = async () => {
    if (text.trim() && (await send(text.trim()))) done();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") cancel();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229)
      return;
    event.preventDefault();
    void submit();
  };
  return (
    <form
      className={classes.edit}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Textarea
        aria-label={t("The message, said otherwise")}
        data-autofocus
        ref={(field) => {
          // Once: the end of what was said is where people go on.
          if (field && document.activeElement !== field && !field.dataset.met) {
            field.dataset.met = "yes";
            field.focus();
            field.setSelectionRange(field.value.length, field.value.length);
          }
        }}
        autosize
        minRows={1}
        maxRows={12}
        maxLength={100_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Group justify="flex-end" gap="xs">
        <Button size="compact-sm" variant="subtle" onClick={cancel}>
          {t("Cancel")}
        </Button>
        <Button size="compact-sm" type="submit" disabled={!text.trim()}>
          {t("Send")}
        </Button>
      </Group>
    </form>
  );
}
