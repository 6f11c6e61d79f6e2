import { ActionIcon, FileButton, Loader, Textarea, Tooltip } from "@mantine/core";
import { IconArrowUp, IconPaperclip, IconPlayerStopFilled } from "@tabler/icons-react";
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, type RefObject, useState } from "react";
import { listed, t } from "@/shared/i18n";
import type { ChatFile } from "../api/chat";
import { accepted } from "../model/attach";
import { useAttachments } from "../model/attachments";
import type { Takes } from "../model/facts";
import { AttachedFiles } from "./AttachedFiles";
import classes from "./Composer.module.css";

interface Props {
  /** Names what is being written, so that it outlives a reload. */
  draftKey: string;
  busy: boolean;
  stopping: boolean;
  disabled?: boolean;
  /** What the flow takes besides words. */
  takes: Takes;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Resolves to `false` when it was not sent: the words then stay in the field. */
  send: (text: string, files: ChatFile[]) => Promise<boolean>;
  stop: () => void;
}

/** Where a message is written. Enter sends, Shift+Enter is a new line, and Enter of an input method is its own. */
export function Composer({ draftKey, busy, stopping, disabled, takes, field, send, stop }: Props) {
  const kept = `flowloft.chat.words.${draftKey}`;
  const [text, setText] = useState(() => sessionStorage.getItem(kept) ?? "");
  const [over, setOver] = useState(false);
  const attached = useAttachments(takes);
  const write = (next: string) => {
    setText(next);
    if (next) sessionStorage.setItem(kept, next);
    else sessionStorage.removeItem(kept);
  };
  const ready = text.trim() !== "" && !busy && !disabled && !attached.coming.length;

  async function submit() {
    if (!ready) return;
    const words = text;
    const files = attached.take();
    write("");
    if (!(await send(words.trim(), files))) {
      write(words);
      attached.restore(files);
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    // 229 is what some browsers say for the Enter that ends a composition.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229)
      return;
    event.preventDefault();
    submit();
  }

  function onPaste(event: ClipboardEvent) {
    const files = [...event.clipboardData.files];
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    attached.add(files);
  }

  const drag = {
    onDragOver(event: DragEvent) {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop(event: DragEvent) {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      setOver(false);
      attached.add(event.dataTransfer.files);
    },
  };

  return (
    <form
      className={classes.composer}
      data-over={over || undefined}
      {...drag}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {attached.refused.length ? (
        <ul className={classes.refused} role="alert">
          {attached.refused.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      ) : null}
      {attached.files.length || attached.coming.length ? (
        <div className={classes.attached}>
          <AttachedFiles files={attached.files} remove={attached.remove} />
          {attached.coming.length ? (
            <span className={classes.coming} role="status">
              <Loader size={12} aria-hidden /> {listed(attached.coming)}
            </span>
          ) : null}
        </div>
      ) : null}
      <div className={classes.line}>
        {takes === "none" ? null : (
          <FileButton multiple accept={accepted(takes)} onChange={attached.add}>
            {(button) => (
              <Tooltip label={t("Attach files, or drop or paste them here")}>
                <ActionIcon size={32} aria-label={t("Attach files")} {...button}>
                  <IconPaperclip size={18} />
                </ActionIcon>
              </Tooltip>
            )}
          </FileButton>
        )}
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
          placeholder={over ? t("Drop the files here") : t("Write a message")}
          value={text}
          disabled={disabled}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
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
      </div>
    </form>
  );
}
