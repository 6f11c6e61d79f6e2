import { Button, Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowsDiff, IconArrowUp, IconCheck } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { StateMark } from "@/features/runs";
import { t, tn } from "@/shared/i18n";
import type { Trial, WholeExperiment } from "../api/experiments";
import { figureOf, type Sorting, sorted } from "../model/board";
import { axisTitle, figureWords, scoreWords, valueWords } from "../model/words";
import evaluations from "./evaluations.module.css";
import classes from "./experiments.module.css";
import { Refusal } from "./Refusal";

interface Props {
  one: WholeExperiment;
  names: Map<string, string>;
  /** The trial that is pointed out, by its number. */
  picked: number | null;
  use: (trial: Trial) => void;
}

/** All trials: the best first, or in the order of any column. */
export function Leaderboard({ one, names, picked, use }: Props) {
  const navigate = useNavigate();
  const [sorting, sort] = useState<Sorting>({ by: "rank", down: false });
  const [chosen, setChosen] = useState<number[]>([]);
  const rows = sorted(one.trials, sorting);
  const compare = () => {
    const [left, right] = one.trials
      .filter((trial) => chosen.includes(trial.number))
      .sort((first, second) => (second.rank ?? 0) - (first.rank ?? 0));
    // The worse one stands on the left, so that better means what the other does better.
    if (left && right) navigate(`/evaluations/${left.evaluation}/compare/${right.evaluation}`);
  };
  return (
    <section aria-labelledby="leaderboard">
      <div className={evaluations.head}>
        <h2 id="leaderboard">{t("Leaderboard")}</h2>
        <span className={evaluations.actions}>
          <Button
            size="compact-md"
            variant="default"
            leftSection={<IconArrowsDiff size={15} aria-hidden />}
            disabled={chosen.length !== 2}
            title={t("Tick two trials to see which rows differ")}
            onClick={compare}
          >
            {t("Compare two trials")}
          </Button>
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section className={evaluations.scrolls} aria-label={t("Table of trials")} tabIndex={0}>
        <table className={`${evaluations.table} ${classes.board}`}>
          <thead>
            <tr>
              <th aria-label={t("Choice")} />
              <Head by="rank" label={t("Rank")} figure sorting={sorting} sort={sort} />
              {one.grid.map((setting, at) => (
                <Head
                  key={`${setting.node} ${setting.field}`}
                  by={`value ${at}`}
                  label={t(setting.field_title)}
                  note={t(setting.node_title)}
                  sorting={sorting}
                  sort={sort}
                />
              ))}
              <Head by="score" label={t("Score")} figure sorting={sorting} sort={sort} />
              {one.axes.map((axis) => (
                <Head
                  key={axis}
                  by={axis}
                  label={axisTitle(axis, one.axes)}
                  figure
                  sorting={sorting}
                  sort={sort}
                />
              ))}
              <th aria-label={t("What can be done")} />
            </tr>
          </thead>
          <tbody>
            {rows.map((trial) => (
              <Row
                key={trial.number}
                trial={trial}
                one={one}
                names={names}
                picked={picked === trial.number}
                chosen={chosen.includes(trial.number)}
                choose={(on) =>
                  // A third takes the place of the first.
                  setChosen(
                    on
                      ? [...chosen, trial.number].slice(-2)
                      : chosen.filter((number) => number !== trial.number),
                  )
                }
                use={() => use(trial)}
              />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

interface HeadProps {
  by: string;
  label: string;
  note?: string;
  /** Numbers stand at the right. */
  figure?: boolean;
  sorting: Sorting;
  sort: (sorting: Sorting) => void;
}

function Head({ by, label, note, figure = false, sorting, sort }: HeadProps) {
  const mine = sorting.by === by;
  const down = sorting.down;
  // What is best of a score is the highest; of everything else it is the lowest, or the first.
  const turn = () => sort({ by, down: mine ? !down : by === "score" });
  return (
    <th
      aria-sort={mine ? (down ? "descending" : "ascending") : "none"}
      className={figure ? evaluations.right : undefined}
    >
      {note ? <small className={classes.node}>{note}</small> : null}
      <button type="button" className={evaluations.sort} onClick={turn}>
        {label}
        {mine && !down ? <IconArrowUp size={13} aria-hidden /> : null}
        {mine && down ? <IconArrowDown size={13} aria-hidden /> : null}
      </button>
    </th>
  );
}

interface RowProps {
  trial: Trial;
  one: WholeExperiment;
  names: Map<string, string>;
  picked: boolean;
  chosen: boolean;
  choose: (on: boolean) => void;
  use: () => void;
}

const LONG = 160;

function Row({ trial, one, names, picked, chosen, choose, use }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  const [unfolded, unfold] = useState(false);
  const values = trial.values.map((value) => valueWords(value, names));
  const long = values.some((text) => text.length > LONG || text.includes("\n"));
  const measured = trial.rank !== null;
  useEffect(() => {
    if (picked) row.current?.scrollIntoView({ block: "nearest" });
  }, [picked]);
  return (
    <tr ref={row} data-picked={picked} data-best={trial.rank === 1}>
      <td>
        {measured ? (
          <Checkbox
            size="xs"
            aria-label={t("Choose trial {n}", { n: trial.number })}
            checked={chosen}
            onChange={(event) => choose(event.currentTarget.checked)}
          />
        ) : null}
      </td>
      <td className={evaluations.right}>
        {measured ? trial.rank : <Standing trial={trial} rows={one.limit} />}
      </td>
      {values.map((text, at) => (
        <td key={one.grid[at]?.field ?? at}>
          <div className={evaluations.text} data-whole={unfolded}>
            {text}
          </div>
          {long && at === 0 ? (
            <button
              type="button"
              className={evaluations.sort}
              aria-expanded={unfolded}
              onClick={() => unfold(!unfolded)}
            >
              {unfolded ? t("Less") : t("More")}
            </button>
          ) : null}
          {at === 0 && trial.error ? <Refusal error={trial.error} /> : null}
        </td>
      ))}
      <td className={evaluations.right}>
        <strong>{measured ? scoreWords(trial.score) : "—"}</strong>
        {trial.rows_failed ? (
          <p className={evaluations.quiet}>{tn(trial.rows_failed, "{n} row failed", "{n} rows failed")}</p>
        ) : null}
      </td>
      {one.axes.map((axis) => (
        <td key={axis} className={evaluations.right}>
          <Figure front={trial.front.includes(axis)}>
            {measured ? figureWords(figureOf(trial, axis), axis) : "—"}
          </Figure>
        </td>
      ))}
      <td className={classes.deeds}>
        {trial.evaluation ? (
          <Link
            className={evaluations.link}
            to={`/evaluations/${trial.evaluation}`}
            aria-label={t("Rows of trial {n}", { n: trial.number })}
          >
            {t("Rows")}
          </Link>
        ) : null}
        {measured ? (
          <Button
            size="compact-xs"
            variant={trial.rank === 1 ? "light" : "default"}
            leftSection={<IconCheck size={13} aria-hidden />}
            aria-label={t("Use the settings of trial {n}", { n: trial.number })}
            onClick={use}
          >
            {t("Use")}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

function Standing({ trial, rows }: { trial: Trial; rows: number }) {
  const state = trial.state === "waiting" ? "queued" : trial.state;
  return (
    <>
      <StateMark state={state} />
      {trial.state === "running" ? (
        <p className={evaluations.quiet}>{`${trial.rows_done} / ${rows}`}</p>
      ) : null}
    </>
  );
}

/** What a trial took; marked where no other scores as well for less. */
function Figure({ front, children }: { front: boolean; children: ReactNode }) {
  return (
    <span className={classes.figure} data-front={front} title={front ? t("On the front") : undefined}>
      {children}
      {front ? <span className="visually-hidden">{t("On the front")}</span> : null}
    </span>
  );
}
