import { ActionIcon, Select, Tabs } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { t, tn } from "@/shared/i18n";
import { formatDuration, formatInstant } from "@/shared/lib/format";
import { Problem, ValueView } from "@/shared/ui";
import { getOutputs } from "../api/answers";
import { type StepFacts as NodeFacts, useStepFacts } from "../api/kinds";
import { type StepState, stepKey, type Values } from "../model/events";
import { useRunPart, useStepsOf } from "../model/store";
import { usageWords } from "../model/usage";
import { LogLines } from "./LogLines";
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
  const facts = useStepFacts(runId);
  const logs = useRunPart(runId, (run) => run.logs);
  const latest = useRunPart(runId, (run) => run.latest[nodeId]);
  const [chosen, choose] = useState<string | null>(path === undefined ? null : stepKey(path, nodeId));
  const wanted = chosen ?? latest;
  const step = steps.find((one) => stepKey(one.path, nodeId) === wanted) ?? steps.at(-1);
  if (!step) return <p className={classes.none}>{t("This node has not run in this run.")}</p>;
  const own = logs?.filter((line) => line.node_id === nodeId && (line.path ?? "") === step.path) ?? [];
  return (
    <div className={classes.inspector}>
      {steps.length > 1 ? <TurnStepper steps={steps} current={step} choose={choose} /> : null}
      <StepFacts step={step} />
      {step.error ? <Problem error={step.error} /> : null}
      <Tabs defaultValue="outputs" keepMounted={false} key={stepKey(step.path, nodeId)}>
        <Tabs.List>
          <Tabs.Tab value="outputs">{t("Outputs")}</Tabs.Tab>
          <Tabs.Tab value="inputs">{t("Inputs")}</Tabs.Tab>
          {own.length ? <Tabs.Tab value="log">{t("Log ({n})", { n: own.length })}</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="outputs" pt="sm">
          <Ports
            values={step.outputs ?? step.text}
            titles={portTitles}
            none={t("Nothing came out.")}
            whole={
              step.outputs
                ? async (port) => (await getOutputs(runId, stepKey(step.path, nodeId)))[port]
                : undefined
            }
          />
        </Tabs.Panel>
        <Tabs.Panel value="inputs" pt="sm">
          <Ports
            values={step.inputs}
            titles={portTitles}
            none={t("Nothing went in.")}
            whole={wholeInput(runId, step, facts(nodeId))}
          />
        </Tabs.Panel>
        {own.length ? (
          <Tabs.Panel value="log" pt="sm">
            <LogLines lines={own} />
          </Tabs.Panel>
        ) : null}
      </Tabs>
    </div>
  );
}

/** A long input is kept where it came from: with the step that gave it. */
function wholeInput(runId: string, step: StepState, facts: NodeFacts) {
  return async (port: string) => {
    const from = facts.sources[port];
    if (!from) return step.inputs[port];
    return (await getOutputs(runId, stepKey(step.path, from.node)))[from.port];
  };
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
  for (const [name, amount] of Object.entries(step.usage)) facts.push(usageWords(name, amount));
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

interface PortsProps {
  values: Values;
  titles?: Record<string, string>;
  none: string;
  whole?: (port: string) => Promise<unknown>;
}

function Ports({ values, titles, none, whole }: PortsProps) {
  const entries = Object.entries(values);
  if (!entries.length) return <p className={classes.none}>{none}</p>;
  return entries.map(([port, value]) => (
    <ValueView
      key={port}
      label={t(titles?.[port] ?? port)}
      value={value}
      whole={whole && (() => whole(port))}
    />
  ));
}
