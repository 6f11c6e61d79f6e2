import { IconAlertTriangle } from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import { reasonWords } from "@/shared/i18n/reasons";
import { formatBytes, formatDuration } from "@/shared/lib/format";
import classes from "./tuning.module.css";

const NAMES: Record<string, string> = {
  trainer: msg("Framework"),
  objective: msg("Objective"),
  method: msg("Method"),
  epochs: msg("Epochs"),
  steps: msg("Training steps"),
  learning_rate: msg("Learning rate"),
  rank: msg("LoRA rank"),
  alpha: msg("LoRA alpha"),
  micro_batch: msg("Examples at once on a device"),
  accumulation: msg("Gradient accumulation"),
  max_tokens: msg("Longest example"),
  checkpointing: msg("Gradient checkpointing"),
  precision: msg("Precision"),
  tp: msg("Tensor parallel"),
  pp: msg("Pipeline parallel"),
  dp: msg("Data parallel"),
  zero: msg("ZeRO stage"),
  threads: msg("Threads"),
  memory: msg("Memory at the peak"),
  seconds: msg("Time"),
  provider: msg("Provider"),
  trained_tokens: msg("Trained tokens"),
};

type Told = Record<string, unknown>;

/** The settled values of a fine-tune, each with its reason where there is one. */
export function Plan({ plan, reason }: { plan: Told; reason: string }) {
  const reasons = (plan.reasons ?? {}) as Record<string, string>;
  return (
    <>
      <p className={classes.quiet}>{reasonWords(reason)}</p>
      <Warnings of={plan} />
      <dl className={classes.reasons}>
        {Object.entries(NAMES)
          .filter(([name]) => plan[name] !== undefined && plan[name] !== "online")
          .map(([name, label]) => (
            <div key={name}>
              <dt>{t(label)}</dt>
              <dd>{shown(name, plan[name])}</dd>
              <dd>{reasonWords(reasons[name] ?? "")}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}

/** What to think of before it starts: none of it forbids anything. */
export function Warnings({ of: plan }: { of: Told }) {
  return ((plan.warnings ?? []) as string[]).map((warning) => (
    <p key={warning} className={classes.warning}>
      <IconAlertTriangle size={16} aria-hidden /> {reasonWords(warning)}
    </p>
  ));
}

const METHODS: Record<string, string> = {
  lora: msg("LoRA"),
  dora: msg("DoRA"),
  qlora: msg("QLoRA"),
  full: msg("All weights"),
};

/** A way to train, as people write it. */
export function methodName(method: unknown): string {
  return t(METHODS[String(method)] ?? String(method ?? ""));
}

function shown(name: string, value: unknown): string {
  if (name === "method") return methodName(value);
  if (name === "memory") return formatBytes(Number(value));
  if (name === "seconds") return t("about {time}", { time: formatDuration(Number(value)) });
  if (typeof value === "boolean") return value ? t("on") : t("off");
  return String(value);
}
