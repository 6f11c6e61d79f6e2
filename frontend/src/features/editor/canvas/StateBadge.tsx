import {
  IconAlertTriangle,
  IconBolt,
  IconEyeOff,
  IconHistory,
  IconPinFilled,
  IconPlayerPauseFilled,
} from "@tabler/icons-react";
import { StateMark, type StepState, stateLabel, usageBrief } from "@/features/runs";
import { errorSaid } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { remarkWords } from "../inspector/remarkWords";
import { pinOf } from "../model/pins";
import { remarksAt } from "../model/validate";
import { useEditor, useEditorStore } from "../store/context";
import styles from "./node.module.css";

interface Props {
  id: string;
  level: "error" | "warning" | undefined;
  disabled: boolean;
  step: StepState | undefined;
  /** Changed since the step ran. */
  changed: boolean;
}

/** In the corner of a card: what happened, for how long; else what is to be put right. */
export function StateBadge({ id, level, disabled, step, changed }: Props) {
  const store = useEditorStore();
  const signs = <Signs id={id} />;
  const first = useEditor(({ remarks }) => remarksAt(remarks, id)[0]);
  if (step) {
    return (
      <button
        type="button"
        className={`${styles.badge} nodrag`}
        title={
          changed
            ? t("Changed since this run: show what it gave then")
            : step.error
              ? errorSaid(step.error)
              : t("{state}: show inputs and outputs", {
                  state: [stateLabel(step.state), ...usageBrief(step.usage)].join(" · "),
                })
        }
        onClick={(event) => {
          event.stopPropagation();
          store.getState().inspect(id, "run");
        }}
      >
        {signs}
        {step.done !== null && step.state === "running" && (
          <span>{step.total ? `${step.done}/${step.total}` : step.done}</span>
        )}
        {step.duration !== null && step.state !== "skipped" && <span>{formatDuration(step.duration)}</span>}
        {step.cached && <IconBolt size={14} aria-label={t("From an earlier run")} />}
        {changed ? (
          <IconHistory size={16} className={styles.changed} aria-label={t("Changed since this run")} />
        ) : (
          <StateMark state={step.state} words={false} size={16} />
        )}
      </button>
    );
  }
  if (disabled) {
    return (
      <span className={styles.badge} title={t("Disabled: a run passes it by.")}>
        {signs}
        <IconEyeOff size={15} aria-label={t("Disabled")} />
      </span>
    );
  }
  if (!level || !first) return <span className={styles.badge}>{signs}</span>;
  return (
    <button
      type="button"
      className={`${styles.badge} nodrag`}
      data-level={level}
      title={remarkWords(first).message}
      aria-label={remarkWords(first).message}
      onClick={(event) => {
        event.stopPropagation();
        store.getState().inspect(id, "settings", first.field ?? null);
      }}
    >
      {signs}
      <IconAlertTriangle size={15} aria-hidden />
    </button>
  );
}

/** What a run of the editor does with the node besides running it. */
function Signs({ id }: { id: string }) {
  const pinned = useEditor((state) => pinOf(state.history.present, id) !== undefined);
  const pauses = useEditor((state) => state.breakpoints.has(id));
  return (
    <>
      {pauses && (
        <IconPlayerPauseFilled size={13} className={styles.pause} aria-label={t("Pauses before this node")} />
      )}
      {pinned && <IconPinFilled size={13} className={styles.pin} aria-label={t("Its output is pinned")} />}
    </>
  );
}
