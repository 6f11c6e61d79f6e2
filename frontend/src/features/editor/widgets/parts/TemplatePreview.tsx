import { IconChevronRight } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useRun, useStepState } from "@/features/runs";
import { t } from "@/shared/i18n";
import { placeholdersAt } from "../../model/ports";
import { useEditor } from "../../store/context";
import styles from "../template.module.css";

/** The text as the node would send it: with what came in when it ran last. */
export function TemplatePreview({ nodeId, text }: { nodeId: string; text: string }) {
  const [open, setOpen] = useState(false);
  if (placeholdersAt(text).length === 0) return null;
  return (
    <div className={styles.preview}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} aria-hidden data-open={open || undefined} />
        {t("With the last run's values")}
      </button>
      {open && <Filled nodeId={nodeId} text={text} />}
    </div>
  );
}

function Filled({ nodeId, text }: { nodeId: string; text: string }) {
  const runId = useEditor((state) => state.runId ?? state.lastRunId);
  useRun(runId);
  const inputs = useStepState(runId, nodeId)?.inputs;
  if (!inputs) return <p>{t("This node has not run yet.")}</p>;
  const parts: ReactNode[] = [];
  let from = 0;
  for (const { name, start, end } of placeholdersAt(text)) {
    parts.push(text.slice(from, start).replaceAll("{{", "{").replaceAll("}}", "}"));
    const value = inputs[name];
    parts.push(
      <mark key={start} data-missing={value === undefined || undefined}>
        {value === undefined ? text.slice(start, end) : shown(value)}
      </mark>,
    );
    from = end;
  }
  parts.push(text.slice(from).replaceAll("{{", "{").replaceAll("}}", "}"));
  return <pre>{parts}</pre>;
}

/** A value as the engine writes it into a text; values that were cut tell so themselves. */
function shown(value: unknown): string {
  if (typeof value === "string") return value;
  const text = (value as { $text?: unknown } | null)?.$text;
  return typeof text === "string" ? text : JSON.stringify(value);
}
