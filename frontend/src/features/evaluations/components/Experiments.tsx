import { Skeleton } from "@mantine/core";
import { IconGridDots } from "@tabler/icons-react";
import { Link } from "react-router";
import { StateMark } from "@/features/runs";
import { t, tn } from "@/shared/i18n";
import { formatAgo, formatInstant } from "@/shared/lib/format";
import { Empty, Failure, Page } from "@/shared/ui";
import { isOpen, useMetrics } from "../api/evaluations";
import { type Experiment, useExperiments } from "../api/experiments";
import { gridWords, scoreWords, versionWords } from "../model/words";
import classes from "./evaluations.module.css";
import { MeasuredHeader } from "./MeasuredHeader";

/** Flows measured with each of many settings. */
export function Experiments() {
  const list = useExperiments();
  return (
    <Page>
      <MeasuredHeader
        title={t("Experiments")}
        about={t(
          "Grid search: measure a flow with each combination of settings, and see which is best, fastest and cheapest.",
        )}
      />
      {list.isError && !list.data ? <Failure error={list.error} retry={list.refetch} /> : null}
      {list.isPending ? <Skeleton height={132} radius="lg" role="status" aria-label={t("Loading")} /> : null}
      {list.data?.length === 0 ? (
        <Empty icon={<IconGridDots size={26} />} title={t("Nothing has been tried yet")}>
          {t(
            "Choose a flow, a dataset, and values for some of its settings: another prompt, another model, how many chunks are found. Each combination is measured, and the best goes into the draft with a button.",
          )}
        </Empty>
      ) : null}
      {list.data?.length ? <List experiments={list.data} /> : null}
    </Page>
  );
}

function List({ experiments }: { experiments: Experiment[] }) {
  const titles = new Map(useMetrics().data?.map((one) => [one.key, one.title]));
  return (
    <ul className={classes.rows}>
      {experiments.map((one) => (
        <li key={one.id}>
          <Link className={classes.row} to={`/evaluations/experiments/${one.id}`}>
            <StateMark state={one.state} />
            <span className={classes.name}>{one.name}</span>
            <span className={classes.cut}>
              {[
                gridWords(one.grid),
                t(titles.get(one.metric) ?? one.metric),
                versionWords(one.version),
                one.dataset_name,
              ].join(" · ")}
            </span>
            <span className={classes.score} title={t("The best score")}>
              {scoreWords(one.best)}
            </span>
            <span className={classes.end}>
              {isOpen(one)
                ? `${one.trials_done} / ${one.trials_total}`
                : tn(one.trials_total, "{n} trial", "{n} trials")}
            </span>
            <span className={classes.end} title={formatInstant(one.created_at)}>
              {formatAgo(one.created_at)}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
