import { ActionIcon, Select, Tabs } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { t, tn } from "@/shared/i18n";
import { formatDuration, formatInstant, formatNumber } from "@/shared/lib/format";
import { Problem, ValueView } from "@/shared/ui";
import { getOutputs } from "../api/answers";
import { type StepState, stepKey, type Values } from "../model/events";
import { useRunPart, useStepsOf } from "../model/store";
import classes from "./RunInspector.module.css";
import { StateMark, stateLabel } from "./StateMark";

interface Props {
  /** A run that is followed with `useRun`. */
  runId: string;
  nodeId: string;
  /** The turn of a body to begin with, such as `loop_1[3]`; without it the latest. */
  path?: string;
  /** Titles of ports by name; a port without one is called by its name. */
  portTitles?: Record<string, string>;
}

/** What went into a step, what came out of it, and what went wrong. */
export function RunInspector({ runId, nodeId, path, portTitles }: Props) {
  const steps = useStepsOf(runId, nodeId);
  const latest = useRunPart(runId, (run) => run.latest[nodeId]);
  const [chosen, choose] = useState<string | null>(path === undefined ? null : stepKey(path, nodeId));
  const wanted = chosen ?? latest;
  const step = steps.find((one) => stepKey(one.path, nodeId) === wanted) ?? steps.at(-1);
  if (!step) return <p className={classes.none}>{t("This node has not run in this run.")}</p>;
  return (
    <div className={classes.inspector}>
      {steps.length > 1 ? <TurnStepper steps={steps} current={step} choose={choose} /> : null}
      <StepFacts step={step} />
      {step.error ? <Problem error={step.error} /> : null}
      <Tabs defaultValue="outputs" keepMounted={false} key={stepKey(step.path, nodeId)}>
        <Tabs.List>
          <Tabs.Tab value="outputs">{t("Outputs")}</Tabs.Tab>
          <Tabs.Tab value="inputs">{t("Inputs")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="outputs" pt="sm">
          <Ports
            values={step.outputs ?? step.text}
            titles={portTitles}
            none={t("Nothing came out.")}
            whole={step.outputs ? () => getOutputs(runId, stepKey(step.path, nodeId)) : undefined}
          />
        </Tabs.Panel>
        <Tabs.Panel value="inputs" pt="sm">
          <Ports values={step.inputs} titles={portTitles} none={t("Nothing went in.")} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

/** Through the rounds of a body, one after the other or straight to one. */
function TurnStepper({
  steps,
  current,
  choose,
}: {
  steps: StepState[];
  current: StepState;
  choose: (key: string) => void;
}) {
  const key = (step: StepState) => stepKey(step.path, step.node_id);
  const at = steps.indexOf(current);
  const go = (by: number) => {
    const next = steps[at + by];
    if (next) choose(key(next));
  };
  return (
    <div className={classes.stepper}>
      <Select
        size="xs"
        searchable={steps.length > 8}
        limit={200}
        allowDeselect={false}
        label={tn(steps.length, "{n} turn", "{n} turns")}
        value={key(current)}
        onChange={(chosen) => chosen && choose(chosen)}
        data={steps.map((step) => ({ value: key(step), label: `${step.path} · ${stateLabel(step.state)}` }))}
      />
      <ActionIcon
        variant="default"
        aria-label={t("The turn before")}
        disabled={at <= 0}
        onClick={() => go(-1)}
      >
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="default"
        aria-label={t("The next turn")}
        disabled={at >= steps.length - 1}
        onClick={() => go(1)}
      >
        <IconChevronRight size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}

function StepFacts({ step }: { step: StepState }) {
  const facts: [string, string][] = [];
  if (step.duration !== null) facts.push([t("Time"), formatDuration(step.duration)]);
  if (step.started_at !== null) facts.push([t("Began"), formatInstant(step.started_at * 1000)]);
  if (step.attempt > 1) facts.push([t("Attempt"), String(step.attempt)]);
  if (step.done !== null)
    facts.push([t("Progress"), step.total ? `${step.done} / ${step.total}` : String(step.done)]);
  for (const [name, amount] of Object.entries(step.usage))
    facts.push([t(usageTitle(name)), formatNumber(amount)]);
  return (
    <div className={classes.facts}>
      <StateMark state={step.state} />
      {step.cached ? <span className={classes.cached}>{t("From an earlier run")}</span> : null}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** `prompt_tokens` as `Prompt tokens`: usage is named by the provider. */
function usageTitle(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface PortsProps {
  values: Values;
  titles?: Record<string, string>;
  none: string;
  whole?: () => Promise<Values>;
}

function Ports({ values, titles, none, whole }: PortsProps) {
  const entries = Object.entries(values);
  if (!entries.length) return <p className={classes.none}>{none}</p>;
  return entries.map(([port, value]) => (
    <ValueView
      key={port}
      label={t(titles?.[port] ?? port)}
      value={value}
      whole={whole && (async () => (await whole())[port])}
    />
  ));
}
