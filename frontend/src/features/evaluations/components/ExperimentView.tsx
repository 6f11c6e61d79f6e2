import { ActionIcon, Anchor, Button, Progress, Skeleton } from "@mantine/core";
import { IconCheck, IconPlayerStopFilled, IconRepeat, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link, useNavigate } from "react-router";
import { StateMark, usageBrief } from "@/features/runs";
import { t, tn } from "@/shared/i18n";
import { formatDuration, formatInstant, formatMoney, formatNumber } from "@/shared/lib/format";
import { Confirm, Failure, PageHeader, tell } from "@/shared/ui";
import { isOpen, useMetrics } from "../api/evaluations";
import {
  type Trial,
  useBaseNames,
  useCancelExperiment,
  useDeleteExperiment,
  useExperiment,
  type WholeExperiment,
} from "../api/experiments";
import { scoreWords, settingWords, valueWords, versionWords } from "../model/words";
import { Effects } from "./Effects";
import evaluations from "./evaluations.module.css";
import classes from "./experiments.module.css";
import { FrontChart } from "./FrontChart";
import { Leaderboard } from "./Leaderboard";
import { UseSettings } from "./UseSettings";

const BASE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One experiment, as it goes and when it is done. */
export function ExperimentView({ id }: { id: string }) {
  const found = useExperiment(id);
  const [picked, pick] = useState<number | null>(null);
  const [using, use] = useState<Trial | null>(null);
  const one = found.data;
  const names = useBaseNames(
    one?.grid.some(({ values }) => values.some((value) => typeof value === "string" && BASE.test(value))) ??
      false,
  );
  if (found.isError && !one) return <Failure error={found.error} retry={found.refetch} />;
  if (!one) return <ExperimentSkeleton />;
  return (
    <>
      <PageHeader
        above={
          <Anchor component={Link} to="/evaluations/experiments" size="sm">
            {t("Experiments")}
          </Anchor>
        }
        title={one.name}
        actions={<Actions one={one} />}
      />
      <section className={classes.card} aria-label={t("What came out")}>
        <div className={classes.result}>
          <Best one={one} names={names} use={use} />
          <Facts one={one} />
        </div>
        {isOpen(one) ? <Going one={one} /> : null}
        <Remarks one={one} />
      </section>
      <FrontChart one={one} names={names} pick={pick} />
      <Leaderboard one={one} names={names} picked={picked} use={use} />
      <div className={classes.below}>
        <Effects one={one} names={names} />
      </div>
      {using ? <UseSettings one={one} trial={using} names={names} close={() => use(null)} /> : null}
    </>
  );
}

/** Every part where it will stand. */
function ExperimentSkeleton() {
  return (
    <div role="status" aria-label={t("Loading")}>
      <Skeleton height={14} width={80} mt={24} />
      <Skeleton height={28} width={320} mt={10} mb={26} />
      <Skeleton height={150} radius="lg" mb="lg" />
      <Skeleton height={330} radius="lg" mb="lg" />
      <Skeleton height={220} radius="lg" />
    </div>
  );
}

function Actions({ one }: { one: WholeExperiment }) {
  const [asked, ask] = useState(false);
  const [cancel, remove] = [useCancelExperiment(), useDeleteExperiment()];
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
  return (
    <>
      <Button
        component={Link}
        variant="default"
        to={`/evaluations/experiments/new?like=${one.id}`}
        leftSection={<IconRepeat size={15} aria-hidden />}
      >
        {t("Another like this")}
      </Button>
      <ActionIcon
        aria-label={t("Delete the experiment")}
        title={t("Delete the experiment")}
        onClick={() => ask(true)}
      >
        <IconTrash size={16} />
      </ActionIcon>
      <Confirm
        of={asked ? one.id : null}
        title={t("Delete “{name}”?", { name: one.name })}
        mutation={remove}
        done={() => navigate("/evaluations/experiments")}
        close={() => ask(false)}
      >
        {t("Its trials and all that they measured go. Their runs stay in the list of runs.")}
      </Confirm>
    </>
  );
}

interface BestProps {
  one: WholeExperiment;
  names: Map<string, string>;
  use: (trial: Trial) => void;
}

/** The best so far, with the settings that made it. */
function Best({ one, names, use }: BestProps) {
  const best = one.trials.find((trial) => trial.rank === 1);
  const measured = one.trials.filter((trial) => trial.rank !== null).length;
  return (
    <>
      <div>
        <StateMark state={one.state} />
        <p className={evaluations.big}>{scoreWords(one.best)}</p>
        <p className={evaluations.quiet}>
          {best
            ? tn(measured, "the best of {n} trial", "the best of {n} trials")
            : isOpen(one)
              ? t("No trial has ended yet.")
              : t("No trial was measured.")}
        </p>
      </div>
      {best ? (
        <div className={classes.best}>
          <h2>{isOpen(one) ? t("Best settings so far") : t("Best settings")}</h2>
          <dl>
            {one.grid.map((setting, at) => (
              <div key={`${setting.node} ${setting.field}`}>
                <dt>{settingWords(setting)}</dt>
                <dd className={evaluations.text}>{valueWords(best.values[at], names)}</dd>
              </div>
            ))}
          </dl>
          <Button
            size="compact-md"
            leftSection={<IconCheck size={15} aria-hidden />}
            onClick={() => use(best)}
          >
            {t("Use these settings")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** How far it is, counted in rows, so that it moves while a long trial runs. */
function Going({ one }: { one: WholeExperiment }) {
  const running = one.trials.filter((trial) => trial.state === "running");
  const rows = running.reduce((sum, trial) => sum + trial.rows_done, 0) / Math.max(1, one.limit);
  return (
    <div>
      <Progress
        value={(100 * (one.trials_done + rows)) / Math.max(1, one.trials_total)}
        size="sm"
        animated
        aria-label={t("Progress")}
      />
      <p className={evaluations.quiet} aria-live="polite">
        {t("{n} of {of} trials", { n: formatNumber(one.trials_done), of: formatNumber(one.trials_total) })}
      </p>
    </div>
  );
}

/** Why there are fewer results than trials. */
function Remarks({ one }: { one: WholeExperiment }) {
  const count = (state: Trial["state"]) => one.trials.filter((trial) => trial.state === state).length;
  const [skipped, failed] = [count("skipped"), count("failed")];
  return (
    <>
      {skipped ? (
        <p className={evaluations.warning}>
          {tn(
            skipped,
            "The money was spent: {n} trial was skipped.",
            "The money was spent: {n} trials were skipped.",
          )}
        </p>
      ) : null}
      {failed ? (
        <p className={evaluations.warning}>
          {tn(
            failed,
            "With {n} combination the flow can't run; the leaderboard says why.",
            "With {n} combinations the flow can't run; the leaderboard says why.",
          )}
        </p>
      ) : null}
    </>
  );
}

function Facts({ one }: { one: WholeExperiment }) {
  const metric = useMetrics().data?.find(({ key }) => key === one.metric);
  const took = one.finished_at
    ? (new Date(one.finished_at).getTime() - new Date(one.created_at).getTime()) / 1000
    : null;
  const limit =
    one.most_cost == null ? "" : formatMoney(one.most_cost, (one.currency ?? "usd").toUpperCase());
  const facts: [string, ReactNode][] = [
    [
      t("Flow"),
      <Anchor key="flow" component={Link} to={`/flows/${one.flow}`} size="sm">
        {one.flow_name}
      </Anchor>,
    ],
    [t("Version"), versionWords(one.version)],
    [t("Dataset"), one.dataset_name],
    [t("Rows each"), formatNumber(one.limit)],
    [t("Metric"), t(metric?.title ?? one.metric)],
    [t("Good from"), String(one.threshold)],
    [t("Used"), usageBrief(one.usage).join(" · ")],
    [t("May cost"), limit],
    [t("Took"), took === null ? "" : formatDuration(took)],
    [t("Started"), formatInstant(one.created_at)],
  ];
  return (
    <dl className={evaluations.facts}>
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
