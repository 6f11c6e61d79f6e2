import { SegmentedControl, Skeleton } from "@mantine/core";
import { useSearchParams } from "react-router";
import { JobWaits, RunJob } from "@/features/compute";
import { t } from "@/shared/i18n";
import { Failure, Problem, ValueView } from "@/shared/ui";
import { useStepFacts } from "../api/kinds";
import { useRunRecord } from "../api/runs";
import { isOver, type Values } from "../model/events";
import { type LiveRun, useRun } from "../model/store";
import { EventList } from "./EventList";
import { Gantt } from "./Gantt";
import { LogLines } from "./LogLines";
import { RunHeader } from "./RunHeader";
import { RunInspector } from "./RunInspector";
import { RunQuestions } from "./RunQuestions";
import classes from "./RunView.module.css";
import { StepActs } from "./StepActs";
import { Timeline } from "./Timeline";

const VIEWS = ["steps", "timeline", "events"] as const;
type View = (typeof VIEWS)[number];

/** One run, as it happens or as it was: its steps, the time they took, or all that it told. */
export function RunView({ runId }: { runId: string }) {
  const record = useRunRecord(runId);
  const live = useRun(runId);
  const facts = useStepFacts(runId);
  const [query, setQuery] = useSearchParams();
  const chosen = query.get("step");
  const view: View = VIEWS.find((one) => one === query.get("view")) ?? "steps";
  const set = (part: { step?: string | null; view?: View }) =>
    setQuery(
      (known) => {
        const next = new URLSearchParams(known);
        for (const [name, value] of Object.entries(part)) value ? next.set(name, value) : next.delete(name);
        return next;
      },
      { replace: true },
    );
  const choose = (step: string | null) => set({ step });
  if (record.isError && !record.data) return <Failure error={record.error} retry={record.refetch} />;
  if (!record.data || !live) return <RunSkeleton />;
  const run = record.data;
  const step = chosen === null ? undefined : live.state.steps[chosen];
  const detail = (
    <div className={classes.detail}>
      {step ? (
        <>
          <h2>{facts(step.node_id).title}</h2>
          {run.mine && isOver(live.state.status) ? <StepActs key={chosen} run={run} step={step} /> : null}
          <RunInspector
            key={`inspect ${chosen}`}
            runId={runId}
            nodeId={step.node_id}
            path={step.path}
            portTitles={facts(step.node_id).ports}
          />
        </>
      ) : (
        <WholeRun inputs={run.inputs} outputs={run.outputs} live={live} titleOf={(id) => facts(id).title} />
      )}
    </div>
  );
  const chart = { state: live.state, facts, chosen: step ? chosen : null, choose };
  return (
    <>
      <RunHeader run={run} state={live.state} />
      {live.state.status === "queued" ? <JobWaits runId={runId} /> : null}
      <RunJob runId={runId} backend={run.backend} />
      {live.refused ? <Problem error={live.refused} /> : null}
      <RunQuestions runId={runId} silent={!run.mine} titleOf={(id) => facts(id).title} />
      <SegmentedControl
        size="xs"
        className={classes.views}
        aria-label={t("Show as")}
        value={view}
        onChange={(value) => set({ view: value as View })}
        data={[
          { value: "steps", label: t("Steps") },
          { value: "timeline", label: t("Timeline") },
          { value: "events", label: t("Events") },
        ]}
      />
      {view === "steps" ? (
        <div className={classes.columns}>
          <div className={classes.steps}>
            <Timeline {...chart} />
          </div>
          {detail}
        </div>
      ) : null}
      {view === "timeline" ? (
        <>
          <Gantt {...chart} />
          {detail}
        </>
      ) : null}
      {view === "events" ? (
        <EventList
          runId={runId}
          lastSeq={live.state.last_seq}
          facts={facts}
          choose={(key) => set({ step: key, view: "steps" })}
        />
      ) : null}
    </>
  );
}

interface WholeRunProps {
  inputs: Values;
  /** As they were kept: an event may show only their beginning. */
  outputs: unknown;
  live: LiveRun;
  titleOf: (nodeId: string) => string;
}

function WholeRun({ inputs, outputs, live, titleOf }: WholeRunProps) {
  const { state, logs } = live;
  const errors = state.errors.length ? state.errors : state.error ? [state.error] : [];
  return (
    <>
      {errors.map((error, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: errors only ever come once
        <Problem key={index} error={error} />
      ))}
      <h2>{t("Result")}</h2>
      <Named
        values={(outputs as Values | null) ?? state.outputs ?? {}}
        none={isOver(state.status) ? t("Nothing came out.") : t("Not there yet.")}
      />
      <h2>{t("Inputs")}</h2>
      <Named values={inputs} none={t("Nothing went in.")} />
      {logs.length ? (
        <>
          <h2>{t("Log")}</h2>
          <LogLines lines={logs} titleOf={titleOf} />
        </>
      ) : null}
    </>
  );
}

function Named({ values, none }: { values: Values; none: string }) {
  const entries = Object.entries(values).filter(([, value]) => !(Array.isArray(value) && !value.length));
  if (!entries.length) return <p className={classes.none}>{none}</p>;
  return entries.map(([name, value]) => <ValueView key={name} label={name} value={value} />);
}

function RunSkeleton() {
  return (
    <div role="status" aria-label={t("Loading")}>
      <Skeleton height={30} width={260} mt={24} />
      <Skeleton height={16} width={340} mt={10} mb={28} />
      <div className={classes.columns}>
        <Skeleton height={320} radius="lg" />
        <Skeleton height={320} radius="lg" />
      </div>
    </div>
  );
}
