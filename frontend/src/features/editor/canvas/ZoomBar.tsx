import { IconMaximize, IconMinus, IconPlus } from "@tabler/icons-react";
import { Panel, useReactFlow, useStore } from "@xyflow/react";
import { t } from "@/shared/i18n";
import styles from "./canvas.module.css";

/** Zoom, at the foot of the canvas: out, 100 %, in, all of it. */
export function ZoomBar() {
  const flow = useReactFlow();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <Panel position="bottom-left" className={styles.zoom}>
      <button
        type="button"
        title={t("Zoom out")}
        aria-label={t("Zoom out")}
        onClick={() => flow.zoomOut({ duration: 120 })}
      >
        <IconMinus size={16} aria-hidden />
      </button>
      <button
        type="button"
        className={styles.percent}
        title={t("Zoom to 100 % (0)")}
        onClick={() => flow.zoomTo(1, { duration: 120 })}
      >
        {percent} %
      </button>
      <button
        type="button"
        title={t("Zoom in")}
        aria-label={t("Zoom in")}
        onClick={() => flow.zoomIn({ duration: 120 })}
      >
        <IconPlus size={16} aria-hidden />
      </button>
      <button
        type="button"
        title={t("Show all (1)")}
        aria-label={t("Show all (1)")}
        onClick={() => flow.fitView({ duration: 160, maxZoom: 1, padding: 0.15 })}
      >
        <IconMaximize size={16} aria-hidden />
      </button>
    </Panel>
  );
}
