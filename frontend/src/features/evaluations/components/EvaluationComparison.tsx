import { Anchor, SegmentedControl, Skeleton } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { formatInstant, formatNumber } from "@/shared/lib/format";
import { Failure, PageHeader } from "@/shared/ui";
import {
  type ComparedRow,
  type Evaluation,
  type EvaluationRow,
  PAGE,
  type Shown,
  useComparison,
  useMetrics,
} from "../api/evaluations";
import { useOverrides } from "../api/overrides";
import { deltaWords, scoreWords, versionWords } from "../model/words";
import classes from "./evaluations.module.css";
import { Pages } from "./Pages";
import { Refusal } from "./Refusal";

const SAME = 1e-9;

/** Two evaluations side by side: which rows got better, and which worse. */
export function EvaluationComparison({ left, right }: { left: string; right: string }) {
  const [shown, setShown] = useState<Shown>("changed");
  const [page, setPage] = useState(1);
  const found = useComparison(left, right, shown, (page - 1) * PAGE);
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  if (!found.data) return <Skeleton height={320} radius="lg" role="status" aria-label={t("Loading")} />;
  const { better, worse, same, unmeasured, rows, count, only_left, only_right, left_score, right_score } =
    found.data;
  const experiment = found.data.left.experiment === found.data.right.experiment && found.data.left.experiment;
  const delta = left_score === null || right_score === null ? null : right_score - left_score;
  const counts: Record<Shown, number> = {
    changed: better + worse,
    better,
    worse,
    all: better + worse + same + unmeasured,
  };
  const names: Record<Shown, string> = {
    changed: t("Better or worse"),
    better: t("Better"),
    worse: t("Worse"),
    all: t("All"),
  };
  return (
    <>
      <PageHeader
        above={
          experiment ? (
            <Anchor component={Link} to={`/evaluations/experiments/${experiment}`} size="sm">
              {t("Experiment")}
            </Anchor>
          ) : (
            <Anchor component={Link} to="/evaluations" size="sm">
              {t("Evaluations")}
            </Anchor>
          )
        }
        title={t("Two evaluations side by side")}
        about={t("{better} better, {worse} worse, {same} the same", { better, worse, same })}
      />
      <div className={classes.sides}>
        <Side one={found.data.left} score={left_score} />
        <p className={classes.delta} data-tone={delta === null ? undefined : tone(delta)}>
          {deltaWords(delta)}
        </p>
        <Side one={found.data.right} score={right_score} />
      </div>
      {found.data.left.metric === found.data.right.metric ? null : (
        <p className={classes.warning}>
          {t("They were measured with different metrics: the scores do not compare.")}
        </p>
      )}
      {only_left + only_right > 0 ? (
        <p className={classes.quiet}>
          {t("Compared are the rows that both have; {n} are in one only.", {
            n: formatNumber(only_left + only_right),
          })}
        </p>
      ) : null}
      <div className={classes.head}>
        <h2>{t("Rows")}</h2>
        <SegmentedControl
          aria-label={t("Which rows")}
          size="xs"
          value={shown}
          onChange={(value) => {
            setPage(1);
            setShown(value as Shown);
          }}
          data={Object.entries(names).map(([value, label]) => ({
            value,
            label: `${label} · ${formatNumber(counts[value as Shown])}`,
          }))}
        />
      </div>
      {rows.length ? <Table rows={rows} /> : <p className={classes.none}>{t("No row matches.")}</p>}
      <Pages count={count} page={page} change={setPage} />
    </>
  );
}

function tone(delta: number): string {
  if (Math.abs(delta) <= SAME) return "same";
  return delta > 0 ? "better" : "worse";
}

function Side({ one, score }: { one: Evaluation; score: number | null }) {
  const overrides = useOverrides(one);
  const metric = useMetrics().data?.find(({ key }) => key === one.metric);
  return (
    <section className={classes.card} aria-label={one.name}>
      <Link to={`/evaluations/${one.id}`} className={classes.title}>
        {one.name}
      </Link>
      <p className={classes.big}>{scoreWords(score)}</p>
      <p className={classes.quiet}>
        {[
          versionWords(one.version),
          one.dataset_name,
          t(metric?.title ?? one.metric),
          formatInstant(one.created_at),
        ].join(" · ")}
      </p>
      {overrides.length ? (
        <dl className={classes.facts}>
          {overrides.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd className={classes.text}>{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </section>
  );
}

function Table({ rows }: { rows: ComparedRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className={classes.scrolls} aria-label={t("Table of rows")} tabIndex={0}>
      <table className={classes.table}>
        <colgroup>
          <col />
          <col style={{ width: "16%" }} />
          <col />
          <col />
          <col style={{ width: 80 }} />
        </colgroup>
        <thead>
          <tr>
            <th>{t("Question")}</th>
            <th>{t("Expected")}</th>
            <th>{t("Left")}</th>
            <th>{t("Right")}</th>
            <th className={classes.right}>{t("Difference")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.left.number}>
              <td>
                <div className={classes.text}>{row.question}</div>
              </td>
              <td>
                <div className={classes.text}>{row.expected}</div>
              </td>
              <td>
                <Given row={row.left} />
              </td>
              <td>
                <Given row={row.right} />
              </td>
              <td className={classes.right}>
                <span className={classes.change} data-tone={row.delta === null ? undefined : tone(row.delta)}>
                  {deltaWords(row.delta)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Given({ row }: { row: EvaluationRow }) {
  return (
    <>
      {row.error ? <Refusal error={row.error} /> : <div className={classes.text}>{row.answer ?? "—"}</div>}
      <p className={classes.quiet}>
        {scoreWords(row.score)}
        {row.run ? (
          <>
            {" · "}
            <Link className={classes.link} to={`/runs/${row.run}`}>
              {t("Run")}
            </Link>
          </>
        ) : null}
      </p>
    </>
  );
}
