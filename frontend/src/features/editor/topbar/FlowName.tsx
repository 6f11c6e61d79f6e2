import { notifications } from "@mantine/notifications";
import { useEffect, useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { renameFlow } from "../api";
import { useEditor, useEditorStore } from "../store/context";
import styles from "./topbar.module.css";

/** The flow's name, written over in place. */
export function FlowName() {
  const store = useEditorStore();
  const name = useEditor((state) => state.name);
  const flowId = useEditor((state) => state.flowId);
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  useEffect(() => {
    document.title = `${name} · Flowloft`;
  }, [name]);

  const keep = async () => {
    const wanted = text.trim();
    if (wanted === "" || wanted === name) return setText(name);
    store.setState({ name: wanted });
    try {
      await renameFlow(flowId, wanted);
    } catch (thrown) {
      store.setState({ name });
      notifications.show({
        color: "red",
        title: t("The name was not saved."),
        message: asApiError(thrown).words,
      });
    }
  };
  return (
    <input
      className={styles.name}
      value={text}
      maxLength={200}
      aria-label={t("Name of the flow")}
      style={{ width: `${Math.min(Math.max(width(text) + 3, 8), 40)}ch` }}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") {
          setText(name);
          requestAnimationFrame(() => (document.activeElement as HTMLElement | null)?.blur());
        }
      }}
    />
  );
}

/** Columns of a text: Chinese characters take two. */
function width(text: string): number {
  return [...text].reduce((sum, char) => sum + (char.charCodeAt(0) > 0x2e7f ? 2 : 1), 0);
}
