import { Button, Skeleton } from "@mantine/core";
import { IconGauge, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { StateMark } from "@/features/runs";
import { t } from "@/shared/i18n";
import { formatAgo, formatInstant } from "@/shared/lib/format";
import { Empty, Failure, Page } from "@/shared/ui";
import { type Evaluation, isOpen, useEvaluations, useMetrics } from "../api/evaluations";
import { goodWords, scoreWords, versionWords } from "../model/words";
import classes from "./evaluations.module.css";
import { MeasuredHeader } from "./MeasuredHeader";
import { NewEvaluation } from "./NewEvaluation";

/** Flows measured on datasets. */
export function Evaluations() {
  const list = useEvaluations();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const begin = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpened(true)}>
      {t("New evaluation")}
    </Button>
  );
  return (
    <Page>
      <MeasuredHeader
        title={t("Evaluations")}
        about={t("Measure a flow on a dataset, look at what went wrong, and learn from it.")}
        begin={begin}
      />
      {list.isError && !list.data ? <Failure error={list.error} retry={list.refetch} /> : null}
      {list.isPending ? <Skeleton height={132} radius="lg" role="status" aria-label={t("Loading")} /> : null}
      {list.data?.length === 0 ? (
        <Empty icon={<IconGauge size={26} />} title={t("Nothing has been measured yet")}>
          {t(
            "Choose a flow and a dataset of questions with their answers. Each question is a run of the flow, and each answer gets a score.",
          )}
        </Empty>
      ) : null}
      {list.data?.length ? <List evaluations={list.data} /> : null}
      {opened ? (
        <NewEvaluation close={() => setOpened(false)} started={(id) => navigate(`/evaluations/${id}`)} />
      ) : null}
    </Page>
  );
}

function List({ evaluations }: { evaluations: Evaluation[] }) {
  const titles = new Map(useMetrics().data?.map((one) => [one.key, one.title]));
  return (
    <ul className={classes.rows}>
      {evaluations.map((one) => (
        <li key={one.id}>
          <Link className={classes.row} to={`/evaluations/${one.id}`}>
            <StateMark state={one.state} />
            <span className={classes.name}>{one.name}</span>
            <span className={classes.cut}>
              {[
                t(titles.get(one.metric) ?? one.metric),
                versionWords(one.version),
                one.dataset_name,
                one.flow_name,
              ].join(" · ")}
            </span>
            <span className={classes.score}>{scoreWords(one.score)}</span>
            <span className={classes.end}>
              {isOpen(one)
                ? `${one.rows_done} / ${one.rows_total}`
                : goodWords(one.rows_good, one.rows_total)}
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
