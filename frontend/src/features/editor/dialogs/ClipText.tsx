import { Button, Group, Modal, Textarea } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { useSession } from "../session";
import { pasteText } from "../store/clipboardGestures";
import { useEditor } from "../store/context";
import styles from "./dialogs.module.css";

/** Copy and paste where the browser gives no clipboard: the JSON in a text box. */
export default function ClipText({ close }: { close(): void }) {
  const session = useSession();
  const copied = useEditor((state) => state.clipText);
  const [text, setText] = useState(copied ?? "");
  const [wrong, setWrong] = useState(false);
  return (
    <Modal
      opened
      onClose={close}
      title={copied === null ? t("Paste nodes") : t("Copy these nodes")}
      size="lg"
    >
      <p className={styles.lead}>
        {copied === null
          ? t("The browser gave no access to the clipboard. Paste the text here with Ctrl+V.")
          : t(
              "The browser gave no access to the clipboard. Copy this text yourself; it can be pasted into any flow.",
            )}
      </p>
      <Textarea
        data-autofocus
        aria-label={t("Nodes as text")}
        classNames={{ input: styles.code }}
        rows={12}
        readOnly={copied !== null}
        value={text}
        error={wrong ? t("This text holds no nodes.") : undefined}
        onFocus={(event) => copied !== null && event.currentTarget.select()}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setWrong(false);
        }}
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          {t("Close")}
        </Button>
        {copied === null && (
          <Button onClick={() => (pasteText(session, text) ? close() : setWrong(true))}>{t("Paste")}</Button>
        )}
      </Group>
    </Modal>
  );
}
