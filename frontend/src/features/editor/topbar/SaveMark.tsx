import { IconAlertTriangle, IconCheck, IconCloudOff, IconLoader2 } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { formatTime } from "@/shared/lib/format";
import { useEditor, useEditorStore } from "../store/context";
import styles from "./topbar.module.css";

/** Whether what is on the canvas is safe, always in sight. */
export function SaveMark() {
  const store = useEditorStore();
  const save = useEditor((state) => state.save);
  switch (save.is) {
    case "saved":
      return (
        <span className={styles.save} data-tone="good">
          <IconCheck size={15} aria-hidden />
          {save.at ? t("Saved {time}", { time: formatTime(save.at) }) : t("Saved")}
        </span>
      );
    case "waiting":
    case "saving":
      return (
        <span className={styles.save}>
          <IconLoader2 size={15} aria-hidden className={styles.turns} />
          {t("Saving")}
        </span>
      );
    case "offline":
      return (
        <span
          className={styles.save}
          data-tone="spark"
          title={t("It is saved as soon as Flowloft answers again.")}
        >
          <IconCloudOff size={15} aria-hidden />
          {t("Offline - kept on this device")}
        </span>
      );
    case "stale":
      return (
        <button
          type="button"
          className={styles.save}
          data-tone="bad"
          onClick={() => store.setState({ dialog: "stale" })}
        >
          <IconAlertTriangle size={15} aria-hidden />
          {t("Changed elsewhere")}
        </button>
      );
    case "refused":
      return (
        <span className={styles.save} data-tone="bad" title={save.message}>
          <IconAlertTriangle size={15} aria-hidden />
          {t("Not saved: {reason}", { reason: save.message })}
        </span>
      );
  }
}
