import { ActionIcon, Textarea, Tooltip } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useState } from "react";
import { t } from "@/shared/i18n";
import classes from "./Composer.module.css";

interface Props {
  /** Names what is being written, so that it outlives a reload. */
  draftKey: string;
  busy: boolean;
  stopping: boolean;
  disabled?: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Resolves to `false` when it was not sent: the words then stay in the field. */
  send: (text: string) => Promise<boolean>;
  stop: () => void;
}

/** Where a message is written. Enter sends, Shift+Enter is a new line, and Enter of an input method is its own. */
export function Composer({ draftKey, busy, stopping, disabled, field, send, stop }: Props) {
  const kept = `flowloft.chat.words.${draftKey}`;
  const [text, setText] = useState(() => sessionStorage.getItem(kept) ?? "");
  const write = (next: string) => {
    setText(next);
    if (next) sessionStorage.setItem(kept, next);
    else sessionStorage.removeItem(kept);
  };
  const ready = text.trim() !== "" && !busy && !disabled;

  async function submit() {
    if (!ready) return;
    const words = text;
    write("");
    if (!(await send(words.trim()))) write(words);
  }

  function onKeyDown(event: KeyboardEvent) {
    // 229 is what some browsers say for the Enter that ends a composition.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229)
      return;
    event.preventDefault();
    submit();
  }

  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Textarea
        ref={field}
        className={classes.field}
        classNames={{ input: classes.input }}
        variant="unstyled"
        autosize
        minRows={1}
        maxRows={8}
        maxLength={100_000}
        aria-label={t("Message")}
        placeholder={t("Write a message")}
        value={text}
        disabled={disabled}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {busy ? (
        <Tooltip label={t("Stop")}>
          <ActionIcon
            size={32}
            variant="default"
            c="var(--bad)"
            aria-label={t("Stop")}
            loading={stopping}
            onClick={stop}
          >
            <IconPlayerStopFilled size={16} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <Tooltip label={t("Send (Enter), new line (Shift+Enter)")}>
          <ActionIcon
            size={32}
            variant="filled"
            color="loft"
            aria-label={t("Send")}
            type="submit"
            disabled={!ready}
          >
            <IconArrowUp size={18} />
          </ActionIcon>
        </Tooltip>
      )}
    </form>
  );
}
