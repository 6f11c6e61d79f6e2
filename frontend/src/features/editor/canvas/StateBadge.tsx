import { IconAlertTriangle, IconBolt, IconEyeOff } from "@tabler/icons-react";
import { StateMark, type StepState, stateLabel } from "@/features/runs";
import { t } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { remarkWords } from "../inspector/remarkWords";
import { remarksAt } from "../model/validate";
import { useEditor, useEditorStore } from "../store/context";
import styles from "./node.module.css";

interface Props {
  id: string;
  level: "error" | "warning" | undefined;
  disabled: boolean;
  step: StepState | undefined;
}

/** In the corner of a card: what happened, for how long; else what is to be put right. */
export function StateBadge({ id, level, disabled, step }: Props) {
  const store = useEditorStore();
  const first = useEditor(({ remarks }) => remarksAt(remarks, id)[0]);
  if (step) {
    return (
      <button
        type="button"
        className={`${styles.badge} nodrag`}
        title={
          step.error
            ? step.error.message
            : t("{state}: show inputs and outputs", { state: stateLabel(step.state) })
        }
        onClick={(event) => {
          event.stopPropagation();
          store.getState().inspect(id, "run");
        }}
      >
        {step.done !== null && step.state === "running" && (
          <span>{step.total ? `${step.done}/${step.total}` : step.done}</span>
        )}
        {step.duration !== null && step.state !== "skipped" && <span>{formatDuration(step.duration)}</span>}
        {step.cached && <IconBolt size={14} aria-label={t("From an earlier run")} />}
        <StateMark state={step.state} words={false} size={16} />
      </button>
    );
  }
  if (disabled) {
    return (
      <span className={styles.badge} title={t("Disabled: a run passes it by.")}>
        <IconEyeOff size={15} aria-label={t("Disabled")} />
      </span>
    );
  }
  if (!level || !first) return null;
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
      <IconAlertTriangle size={15} aria-hidden />
    </button>
  );
}
