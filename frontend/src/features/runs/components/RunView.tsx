import { Anchor, Button, Skeleton } from "@mantine/core";
import { IconPlayerStopFilled } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { RunJob } from "@/features/compute";
import { useFlow } from "@/features/flows";
import { t } from "@/shared/i18n";
import { formatDuration, formatInstant } from "@/shared/lib/format";
import { Failure, PageHeader, Problem, tell, ValueView } from "@/shared/ui";
import { useStepFacts } from "../api/kinds";
import { type RunRecord, useCancelRun, useRunRecord } from "../api/runs";
import { isOver, type RunState, type Values } from "../model/events";
import { type LiveRun, useRun } from "../model/store";
import { RunInspector } from "./RunInspector";
import { versionName } from "./RunList";
import { RunQuestions } from "./RunQuestions";
import classes from "./RunView.module.css";
import { StateMark } from "./StateMark";
import { Timeline } from "./Timeline";

/** One run, as it happens or as it was: its steps on the left, what is chosen beside them. */
export function RunView({ runId }: { runId: string }) {
  const record = useRunRecord(runId);
  const live = useRun(runId);
  const facts = useStepFacts(runId);
  const [query, setQuery] = useSearchParams();
  const chosen = query.get("step");
  const choose = (key: string | null) => setQuery(key === null ? {} : { step: key }, { replace: true });
  if (record.isError && !record.data) return <Failure error={record.error} retry={record.refetch} />;
  if (!record.data || !live) return <RunSkeleton />;
  const step = chosen === null ? undefined : live.state.steps[chosen];
  return (
    <>
      <RunHeader run={record.data} state={live.state} />
      <RunJob runId={runId} backend={record.data.backend} />
      {live.refused ? <Problem error={live.refused} /> : null}
      <RunQuestions runId={runId} titleOf={(id) => facts(id).title} />
      <div className={classes.columns}>
        <div className={classes.steps}>
          <Timeline state={live.state} facts={facts} chosen={step ? chosen : null} choose={choose} />
        </div>
        <div className={classes.detail}>
          {step ? (
            <>
              <h2>{facts(step.node_id).title}</h2>
              <RunInspector
                key={chosen}
                runId={runId}
                nodeId={step.node_id}
                path={step.path}
                portTitles={facts(step.node_id).ports}
              />
            </>
          ) : (
            <WholeRun inputs={record.data.inputs} live={live} />
          )}
        </div>
      </div>
    </>
  );
}

function RunHeader({ run, state }: { run: RunRecord; state: RunState }) {
  const flow = useFlow(run.flow).data;
  const cancel = useCancelRun();
  const took = state.finished_at && state.started_at ? state.finished_at - state.started_at : null;
  return (
    <PageHeader
      above={
        <Anchor component={Link} to="/runs" size="sm">
          {t("Runs")}
        </Anchor>
      }
      title={flow?.name ?? "…"}
      about={
        <span className={classes.facts}>
          <StateMark state={state.status} />
          <span>{versionName(run.version)}</span>
          <span>{formatInstant(run.created_at)}</span>
          {took === null ? null : <span>{formatDuration(took)}</span>}
          {state.attempt > 1 ? <span>{t("Attempt {n}", { n: state.attempt })}</span> : null}
        </span>
      }
      actions={
        <>
          {isOver(state.status) ? null : (
            <Button
              color="red"
              leftSection={<IconPlayerStopFilled size={15} />}
              loading={cancel.isPending || state.status === "cancelling"}
              onClick={() => cancel.mutate(run.id, { onError: tell.failure })}
            >
              {t("Stop")}
            </Button>
          )}
          <Button component={Link} to={`/flows/${run.flow}`} variant="default">
            {t("Open the flow")}
          </Button>
        </>
      }
    />
  );
}

function WholeRun({ inputs, live }: { inputs: Values; live: LiveRun }) {
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
        values={state.outputs ?? {}}
        none={isOver(state.status) ? t("Nothing came out.") : t("Not there yet.")}
      />
      <h2>{t("Inputs")}</h2>
      <Named values={inputs} none={t("Nothing went in.")} />
      {logs.length ? (
        <>
          <h2>{t("Log")}</h2>
          <ol className={classes.logs}>
            {logs.map((line) => (
              <li key={line.seq} data-level={line.level}>
                <code>{line.node_id}</code> {line.message}
              </li>
            ))}
          </ol>
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
