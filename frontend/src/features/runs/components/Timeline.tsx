import { Button } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { KindIcon } from "@/shared/ui";
import type { StepFacts } from "../api/kinds";
import { type RunState, type StepState, stepKey } from "../model/events";
import { StateMark } from "./StateMark";
import classes from "./Timeline.module.css";

interface Props {
  state: RunState;
  facts: (nodeId: string) => StepFacts;
  chosen: string | null;
  choose: (key: string | null) => void;
}

/** Lines drawn at first: a loop may have made ten thousand steps. */
const SHOWN = 200;

/** The steps in the order in which they began, each with its share of the run's time. */
export function Timeline({ state, facts, chosen, choose }: Props) {
  const [limit, setLimit] = useState(SHOWN);
  const steps = Object.values(state.steps);
  const end = state.finished_at ?? Math.max(state.started_at ?? 0, ...steps.slice(-SHOWN).map(endOf));
  const span = { begin: state.started_at ?? 0, length: Math.max(end - (state.started_at ?? 0), 0.001) };
  return (
    <nav className={classes.timeline} aria-label={t("Steps")}>
      <button
        type="button"
        className={classes.step}
        aria-current={chosen === null}
        onClick={() => choose(null)}
      >
        <StateMark state={state.status} words={false} />
        <span className={classes.title}>{t("The whole run")}</span>
      </button>
      {steps.slice(0, limit).map((step) => {
        const key = stepKey(step.path, step.node_id);
        return (
          <StepLine
            key={key}
            step={step}
            facts={facts(step.node_id)}
            span={span}
            current={chosen === key}
            choose={() => choose(key)}
          />
        );
      })}
      {steps.length > limit ? (
        <Button size="compact-sm" variant="subtle" onClick={() => setLimit(limit + 1_000)}>
          {t("{n} more", { n: steps.length - limit })}
        </Button>
      ) : null}
    </nav>
  );
}

function endOf(step: StepState): number {
  return (step.started_at ?? 0) + (step.duration ?? 0);
}

interface LineProps {
  step: StepState;
  facts: StepFacts;
  span: { begin: number; length: number };
  current: boolean;
  choose: () => void;
}

function StepLine({ step, facts, span, current, choose }: LineProps) {
  const depth = step.path ? step.path.split("/").length : 0;
  const left = step.started_at === null ? 0 : Math.min((step.started_at - span.begin) / span.length, 1);
  const width = step.duration === null ? 0 : Math.min(step.duration / span.length, 1 - left);
  return (
    <button
      type="button"
      className={classes.step}
      aria-current={current}
      data-quiet={step.state === "skipped" || undefined}
      style={{ paddingInlineStart: 10 + depth * 14 }}
      onClick={choose}
    >
      <StateMark state={step.state} words={false} />
      <KindIcon name={facts.icon} size={15} />
      <span className={classes.title}>
        {facts.title}
        {step.path ? <small>{step.path.slice(step.path.lastIndexOf("["))}</small> : null}
      </span>
      <span className={classes.time}>{step.duration === null ? "" : formatDuration(step.duration)}</span>
      <span className={classes.bar} aria-hidden>
        <i
          style={{ insetInlineStart: `${left * 100}%`, width: `max(2px, ${width * 100}%)` }}
          data-state={step.state}
        />
      </span>
    </button>
  );
}
