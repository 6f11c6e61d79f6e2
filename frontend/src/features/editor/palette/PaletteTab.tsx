import { IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { useEditorStore } from "../store/context";
import styles from "./palette.module.css";

/** What is left of the palette while it is hidden, by choice or because two panels need the room. */
export function PaletteTab() {
  const store = useEditorStore();
  return (
    <button
      type="button"
      className={styles.tab}
      title={t("Show the nodes")}
      aria-label={t("Show the nodes")}
      onClick={() => {
        if (store.getState().palette) store.getState().inspect(null);
        store.setState({ palette: true });
      }}
    >
      <IconLayoutSidebarLeftExpand size={18} aria-hidden />
    </button>
  );
}
