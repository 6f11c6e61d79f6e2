import { Anchor, Button, NumberInput, Select, Skeleton, Switch } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type FormEvent, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { usageBrief } from "@/features/runs";
import { t, tn } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { CURRENCIES, formatDuration, formatNumber } from "@/shared/lib/format";
import { Failure, Page, PageHeader, Problem } from "@/shared/ui";
import { type Metric, useEvaluation, type WholeEvaluation } from "../api/evaluations";
import {
  type ExperimentForm,
  type ExperimentPlan,
  useDrawn,
  useExperiment,
  useExperimentPlan,
  useStartExperiment,
  type WholeExperiment,
} from "../api/experiments";
import {
  type Axis,
  axesOf,
  combinations,
  gridOf,
  isComplete,
  placeIn,
  variablesOf,
  wrongIn,
} from "../model/grid";
import { type MeasureForm, problemsOf, useMeasure } from "../model/measure";
import { judgeWords } from "../model/words";
import evaluations from "./evaluations.module.css";
import classes from "./experiments.module.css";
import { freshAxis, GridFields } from "./GridFields";
import { MeasureFields } from "./MeasureFields";

interface Props {
  /** An experiment that is to be made again, with changes. */
  like: string | null;
  /** An evaluation whose flow and dataset are taken. */
  of: string | null;
}

/** What to try and on what. */
export function NewExperiment({ like, of }: Props) {
  const [experiment, evaluation] = [useExperiment(like), useEvaluation(of)];
  const found = like ? experiment : evaluation;
  return (
    <Page>
      <PageHeader
        above={
          <Anchor component={Link} to="/evaluations/experiments" size="sm">
            {t("Experiments")}
          </Anchor>
        }
        title={t("New experiment")}
        about={t(
          "Grid search: the flow is measured once with each combination of the values that you give, and the combinations are ranked.",
        )}
      />
      {found.isError ? <Failure error={found.error} retry={found.refetch} /> : null}
      {(like || of) && found.isPending ? (
        <Skeleton height={420} radius="lg" role="status" aria-label={t("Loading")} />
      ) : null}
      {!(like || of) || found.data ? <Form like={experiment.data} of={found.data} /> : null}
    </Page>
  );
}

type Measured = WholeEvaluation | WholeExperiment;

function Form({ like, of }: { like: WholeExperiment | undefined; of: Measured | undefined }) {
  const navigate = useNavigate();
  const measure = useMeasure(of && measuredIn(of));
  const [limits, setLimits] = useState<Limits>(() => ({
    reuse: like?.reuse ?? false,
    most_trials: like && like.trials_total < combinations(axesOf(like.grid)) ? like.trials_total : null,
    most_cost: like?.most_cost ?? null,
    currency: like?.currency?.toUpperCase() ?? "USD",
  }));
  const flow = measure.form.flow ?? null;
  const drawn = useDrawn(flow, measure.form.version ?? "draft");
  const variables = useMemo(
    () => (drawn.data ? variablesOf(drawn.data.document, drawn.data.catalogue) : []),
    [drawn.data],
  );
  // Settings belong to a flow: with another flow they begin anew.
  const [chosen, setChosen] = useState({ flow, axes: like ? axesOf(like.grid) : [] });
  const axes = chosen.flow === flow && chosen.axes.length ? chosen.axes : [freshAxis([], variables)];
  const whole: ExperimentForm | undefined = measure.whole && {
    ...measure.whole,
    ...limits,
    grid: gridOf(axes),
  };
  const asks = whole?.grid.length && !axes.some((axis) => isWrong(axis)) ? JSON.stringify(whole) : undefined;
  const [asked] = useDebouncedValue(asks, 400);
  const plan = useExperimentPlan(asked ? (JSON.parse(asked) as ExperimentForm) : undefined);
  const start = useStartExperiment();
  const error = (asked && plan.error) || start.error;
  const problems = problemsOf(error);
  const isReady = asks !== undefined && asks === asked && plan.isSuccess && !plan.isFetching;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (whole && isReady)
      start.mutate(whole, { onSuccess: ({ id }) => navigate(`/evaluations/experiments/${id}`) });
  };
  function isWrong(axis: Axis): boolean {
    const field = variables
      .find((one) => one.node === axis.node)
      ?.settings.find((one) => one.field.name === axis.field)?.field;
    return field !== undefined && wrongIn(axis, field).size > 0;
  }
  return (
    <form onSubmit={submit} className={classes.new}>
      <div className={classes.steps}>
        <section className={classes.card} aria-labelledby="measured">
          <h2 id="measured">{t("What is measured")}</h2>
          <div className={evaluations.form}>
            <MeasureFields measure={measure} wrong={problems.fields} planned={plan.data} />
          </div>
        </section>
        <section className={classes.card} aria-labelledby="tried">
          <h2 id="tried">{t("Settings to try")}</h2>
          {flow === null ? <p className={classes.about}>{t("Choose a flow first.")}</p> : null}
          {drawn.isError ? <Problem error={drawn.error} /> : null}
          {flow !== null && drawn.isPending ? (
            <Skeleton height={92} radius="md" role="status" aria-label={t("Loading")} />
          ) : null}
          {drawn.data && !variables.length ? (
            <p className={classes.about}>{t("No node of this flow has a setting.")}</p>
          ) : null}
          {drawn.data && variables.length ? (
            <GridFields
              variables={variables}
              axes={axes}
              change={(next) => setChosen({ flow, axes: next })}
              refused={refusedIn(axes, problems.path, problems.said)}
            />
          ) : null}
        </section>
        <section className={classes.card} aria-labelledby="limits">
          <h2 id="limits">{t("Limits")}</h2>
          <LimitFields limits={limits} set={setLimits} wrong={problems.fields} />
        </section>
      </div>
      <aside className={classes.takes} aria-label={t("What it takes")}>
        <h2>{t("What it takes")}</h2>
        <Takes
          plan={asked ? plan.data : undefined}
          count={combinations(axes)}
          metric={measure.metric}
          waits={asks !== undefined && !isReady && !error}
          reuse={limits.reuse}
        />
        {error && !plan.isFetching ? <Problem error={error} /> : null}
        <Button type="submit" fullWidth loading={start.isPending} disabled={!isReady}>
          {isReady ? tn(plan.data.trials, "Start {n} trial", "Start {n} trials") : t("Start the experiment")}
        </Button>
      </aside>
    </form>
  );
}

function measuredIn(one: Measured): Partial<MeasureForm> {
  const { flow, version, dataset_version, metric, settings, threshold, input, output, inputs } = one;
  const limit = "limit" in one ? one.limit : one.rows_total;
  return {
    ...{ flow, version, metric, settings, threshold, limit, input, output, inputs },
    dataset: dataset_version ?? undefined,
  };
}

/** By key of a setting of the grid what the server says of it or of one of its values. */
function refusedIn(axes: Axis[], path: string | undefined, said: string): Record<number, string> {
  const place = placeIn(path);
  const axis = place && axes.filter(isComplete)[place.axis];
  return axis ? { [axis.key]: said } : {};
}

type Limits = Required<Pick<ExperimentForm, "reuse" | "most_trials" | "most_cost" | "currency">>;

interface LimitsProps {
  limits: Limits;
  set: (limits: Limits) => void;
  wrong: Record<string, string>;
}

function LimitFields({ limits, set, wrong }: LimitsProps) {
  return (
    <div className={evaluations.pair}>
      <NumberInput
        label={t("At most so many trials")}
        description={t("Drawn over the whole grid, always the same.")}
        placeholder={t("All combinations")}
        min={1}
        allowDecimal={false}
        value={limits.most_trials ?? ""}
        onChange={(next) => set({ ...limits, most_trials: next === "" ? null : Number(next) })}
        error={wrong.most_trials}
      />
      <NumberInput
        label={t("Stop when the runs have cost")}
        description={t("What is left is skipped.")}
        placeholder={t("Any sum")}
        min={0}
        decimalScale={4}
        value={limits.most_cost ?? ""}
        onChange={(next) => set({ ...limits, most_cost: next === "" ? null : Number(next) })}
        error={wrong.most_cost}
        rightSectionWidth={92}
        rightSection={
          <Select
            aria-label={t("Currency")}
            variant="unstyled"
            size="xs"
            w={84}
            allowDeselect={false}
            data={CURRENCIES}
            value={limits.currency}
            onChange={(next) => set({ ...limits, currency: next ?? "USD" })}
          />
        }
      />
      <Switch
        label={t("Use results again")}
        description={t(
          "Faster, but times and costs then leave out what was computed before, so that they do not compare.",
        )}
        checked={limits.reuse}
        onChange={(event) => set({ ...limits, reuse: event.currentTarget.checked })}
      />
    </div>
  );
}

interface TakesProps {
  plan: ExperimentPlan | undefined;
  /** Of all that is written so far. */
  count: number;
  metric: Metric | undefined;
  waits: boolean;
  reuse: boolean;
}

/** How many trials and runs it is, how long that may take and what it may cost. */
function Takes({ plan, count, metric, waits, reuse }: TakesProps) {
  return (
    <div role="status" aria-busy={waits} className={classes.plan}>
      <p className={classes.count}>{tn(count, "{n} combination", "{n} combinations")}</p>
      {!plan && !waits ? (
        <p className={classes.about}>
          {t("Choose a flow, a dataset, and a setting with its values. Nothing starts before you say so.")}
        </p>
      ) : null}
      {!plan && waits ? <Skeleton height={64} /> : null}
      {plan ? (
        <>
          {plan.trials < plan.combinations ? (
            <p>{t("{n} of them are tried, drawn over the whole grid.", { n: formatNumber(plan.trials) })}</p>
          ) : null}
          <p>
            {[
              tn(plan.rows, "{n} row each", "{n} rows each"),
              tn(plan.runs, "{n} run", "{n} runs"),
              ...judgeWords(metric, plan.runs),
            ].join(" · ")}
          </p>
          <p>
            {[
              plan.seconds === null
                ? t("how long is known once the flow has run")
                : t("about {time}", { time: formatDuration(plan.seconds) }),
              ...usageBrief(plan.usage),
            ].join(" · ")}
          </p>
          {plan.seconds !== null && reuse ? (
            <p className={classes.about}>{t("Less where results are used again.")}</p>
          ) : null}
          {plan.impossible ? (
            <p className={classes.warning}>
              {tn(
                plan.impossible,
                "With {n} combination the flow can't run: {why}",
                "With {n} combinations the flow can't run: {why}",
                { why: serverWords(plan.why_impossible) },
              )}
            </p>
          ) : null}
        </>
      ) : null}
    </div>
  );
}
