import { ActionIcon, Anchor, Button, Progress, Select, Skeleton } from "@mantine/core";
import { IconGridDots, IconPlayerStopFilled, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link, useNavigate } from "react-router";
import { StateMark, usageBrief } from "@/features/runs";
import { t, tn } from "@/shared/i18n";
import { formatDuration, formatInstant } from "@/shared/lib/format";
import { Confirm, Failure, PageHeader, tell } from "@/shared/ui";
import {
  isOpen,
  useCancelEvaluation,
  useDeleteEvaluation,
  useEvaluation,
  useEvaluations,
  useMetrics,
  type WholeEvaluation,
} from "../api/evaluations";
import { useExperiment } from "../api/experiments";
import { useOverrides } from "../api/overrides";
import { goodWords, scoreWords, versionWords } from "../model/words";
import { Distribution } from "./Distribution";
import classes from "./evaluations.module.css";
import { Rows } from "./Rows";

/** One evaluation, as it goes and when it is done. */
export function EvaluationView({ id }: { id: string }) {
  const found = useEvaluation(id);
  const one = found.data;
  if (found.isError && !one) return <Failure error={found.error} retry={found.refetch} />;
  if (!one) return <Skeleton height={320} radius="lg" role="status" aria-label={t("Loading")} />;
  return (
    <>
      <PageHeader above={<Above one={one} />} title={one.name} actions={<Actions one={one} />} />
      <section className={classes.card} aria-label={t("What came out")}>
        <div className={classes.result}>
          <div>
            <StateMark state={one.state} />
            <p className={classes.big}>{scoreWords(one.score)}</p>
            <p className={classes.quiet}>{goodWords(one.rows_good, one.rows_total)}</p>
          </div>
          <Distribution bins={one.distribution} threshold={one.threshold} />
          <Facts one={one} />
        </div>
        {isOpen(one) ? (
          <div>
            <Progress
              value={(100 * one.rows_done) / Math.max(1, one.rows_total)}
              size="sm"
              animated
              aria-label={t("Progress")}
            />
            <p className={classes.quiet} aria-live="polite">
              {`${one.rows_done} / ${one.rows_total}`}
            </p>
          </div>
        ) : null}
      </section>
      <Rows one={one} />
    </>
  );
}

/** The list that it is in, or the experiment whose trial it is. */
function Above({ one }: { one: WholeEvaluation }) {
  const experiment = useExperiment(one.experiment ?? null);
  const [to, label] = one.experiment
    ? [`/evaluations/experiments/${one.experiment}`, experiment.data?.name ?? t("Experiment")]
    : ["/evaluations", t("Evaluations")];
  return (
    <Anchor component={Link} to={to} size="sm">
      {label}
    </Anchor>
  );
}

function Actions({ one }: { one: WholeEvaluation }) {
  const [asked, ask] = useState(false);
  const [cancel, remove] = [useCancelEvaluation(), useDeleteEvaluation()];
  const navigate = useNavigate();
  if (isOpen(one))
    return (
      <Button
        color="red"
        variant="light"
        leftSection={<IconPlayerStopFilled size={14} />}
        loading={cancel.isPending || one.state === "cancelling"}
        onClick={() => cancel.mutate(one.id, { onError: tell.failure })}
      >
        {t("Stop")}
      </Button>
    );
  // A trial goes with its experiment, and is compared on the leaderboard.
  if (one.experiment) return null;
  return (
    <>
      <CompareWith one={one} />
      <Button
        component={Link}
        variant="default"
        to={`/evaluations/experiments/new?of=${one.id}`}
        leftSection={<IconGridDots size={15} aria-hidden />}
      >
        {t("Try many settings")}
      </Button>
      <ActionIcon
        aria-label={t("Delete the evaluation")}
        title={t("Delete the evaluation")}
        onClick={() => ask(true)}
      >
        <IconTrash size={16} />
      </ActionIcon>
      <Confirm
        of={asked ? one.id : null}
        title={t("Delete “{name}”?", { name: one.name })}
        mutation={remove}
        done={() => navigate("/evaluations")}
        close={() => ask(false)}
      >
        {t("What was measured goes. Its runs stay in the list of runs.")}
      </Confirm>
    </>
  );
}

function CompareWith({ one }: { one: WholeEvaluation }) {
  const navigate = useNavigate();
  const others = (useEvaluations().data ?? []).filter(
    (other) => other.id !== one.id && !isOpen(other) && other.dataset && other.dataset === one.dataset,
  );
  if (!others.length) return null;
  return (
    <Select
      aria-label={t("Compare with")}
      placeholder={t("Compare with")}
      w={240}
      data={others.map((other) => ({
        value: other.id,
        label: `${other.name} · ${versionWords(other.version)} · ${scoreWords(other.score)} · ${formatInstant(other.created_at)}`,
      }))}
      value={null}
      // The older one stands on the left, so that better means that the newer is.
      onChange={(id) => {
        const other = others.find((each) => each.id === id);
        if (!other) return;
        const [left, right] = other.created_at < one.created_at ? [other, one] : [one, other];
        navigate(`/evaluations/${left.id}/compare/${right.id}`);
      }}
      comboboxProps={{ width: 420, position: "bottom-end" }}
    />
  );
}

function Facts({ one }: { one: WholeEvaluation }) {
  const metric = useMetrics().data?.find(({ key }) => key === one.metric);
  const facts: [string, ReactNode][] = [
    ...useOverrides(one).map(({ label, value }): [string, string] => [label, value]),
    [
      t("Flow"),
      <Anchor key="flow" component={Link} to={`/flows/${one.flow}`} size="sm">
        {one.flow_name}
      </Anchor>,
    ],
    [t("Version"), versionWords(one.version)],
    [t("Dataset"), one.dataset_name],
    [t("Metric"), t(metric?.title ?? one.metric)],
    [t("Good from"), String(one.threshold)],
    [t("Failed"), one.rows_failed ? tn(one.rows_failed, "{n} row", "{n} rows") : ""],
    [t("Its runs took"), one.run_seconds === null ? "" : formatDuration(one.run_seconds)],
    [t("Used"), usageBrief(one.usage).join(" · ")],
    [t("Started"), formatInstant(one.created_at)],
  ];
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
