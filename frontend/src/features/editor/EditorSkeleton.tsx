import { Skeleton } from "@mantine/core";
import { t } from "@/shared/i18n";
import styles from "./editor.module.css";
import palette from "./palette/palette.module.css";
import side from "./side/side.module.css";
import { panelsAtFirst } from "./store/panels";
import bar from "./topbar/topbar.module.css";

const KINDS = [70, 96, 82, 104, 74, 90, 66, 100, 78, 86, 94, 72];

/** The editor before its flow is there: every part where it will stand, so that nothing jumps. */
export function EditorSkeleton({ flowId }: { flowId: string }) {
  const open = panelsAtFirst(flowId);
  return (
    <div className={styles.editor} role="status" aria-label={t("Opening the flow")}>
      <div className={bar.bar}>
        <Skeleton height={20} width={20} ml={8} circle />
        <Skeleton height={18} width={150} ml={12} />
        <span className={bar.gap} />
        <Skeleton height={34} width={92} />
        <Skeleton height={34} width={84} />
        <Skeleton height={34} width={100} />
      </div>
      <div className={styles.room}>
        {open.palette ? (
          <div className={palette.palette}>
            <div className={palette.top}>
              <Skeleton height={34} />
            </div>
            {KINDS.map((width) => (
              <div key={width} className={styles.kindBones}>
                <Skeleton height={28} width={28} radius="md" />
                <Skeleton height={12} width={width} />
              </div>
            ))}
          </div>
        ) : (
          <div className={palette.tab} />
        )}
        <div className={styles.middle}>
          <div className={styles.cardBones}>
            {[0, 1, 2].map((place) => (
              <Skeleton key={place} height={112} width={220} radius="lg" />
            ))}
          </div>
        </div>
        {open.chat ? <div className={side.side} data-side /> : null}
      </div>
    </div>
  );
}
