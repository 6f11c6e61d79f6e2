import { Button, Checkbox, Skeleton, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp, IconSearch, IconTableExport } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { usageBrief } from "@/features/runs";
import { t, tn } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { Failure } from "@/shared/ui";
import {
  type EvaluationRow,
  isOpen,
  type Order,
  PAGE,
  useRows,
  type WholeEvaluation,
} from "../api/evaluations";
import { scoreWords } from "../model/words";
import classes from "./evaluations.module.css";
import { MakeDataset } from "./MakeDataset";
import { Pages } from "./Pages";
import { Refusal } from "./Refusal";

const WIDTHS = [
  ["choice", 40],
  ["row", 56],
  ["question", "auto"],
  ["expected", "16%"],
  ["answer", "auto"],
  ["score", 72],
  ["time", 76],
  ["used", 104],
  ["run", 64],
] as const;

/** What each row gave: to look through, and to choose what is learned from. */
export function Rows({ one }: { one: WholeEvaluation }) {
  const [bad, setBad] = useState(false);
  const [text, setText] = useState("");
  const [order, setOrder] = useState<Order>("number");
  const [page, setPage] = useState(1);
  const [chosen, setChosen] = useState<Record<number, EvaluationRow>>({});
  const [making, setMaking] = useState(false);
  const [q] = useDebouncedValue(text, 250);
  const found = useRows(one.id, { bad, q, order, offset: (page - 1) * PAGE }, one.rows_done);
  const rows = found.data?.results ?? [];
  const many = Object.keys(chosen).length;
  const choose = (some: EvaluationRow[], on: boolean) => {
    const next = { ...chosen };
    for (const row of some) {
      if (on) next[row.number] = row;
      else delete next[row.number];
    }
    setChosen(next);
  };
  const restart =
    <T,>(change: (value: T) => void) =>
    (value: T) => {
      setPage(1);
      change(value);
    };
  const all = rows.length > 0 && rows.every((row) => chosen[row.number]);
  const sort = (name: "number" | "score" | "seconds", label: string) => (
    <Sort name={name} label={label} order={order} change={restart(setOrder)} />
  );
  return (
    <section aria-labelledby="rows">
      <div className={classes.head}>
        <h2 id="rows">{t("Rows")}</h2>
        <TextInput
          aria-label={t("Search the rows")}
          placeholder={t("Search")}
          leftSection={<IconSearch size={15} />}
          value={text}
          onChange={(event) => restart(setText)(event.currentTarget.value)}
        />
        <Switch
          label={t("Only bad ones")}
          checked={bad}
          onChange={(event) => restart(setBad)(event.currentTarget.checked)}
        />
        <span className={classes.actions}>
          <Button
            size="compact-md"
            leftSection={<IconTableExport size={15} />}
            disabled={!many && !one.rows_bad}
            title={isOpen(one) ? t("Of the rows that are measured so far") : undefined}
            onClick={() => setMaking(true)}
          >
            {many
              ? tn(many, "Make a dataset of {n} row", "Make a dataset of {n} rows")
              : t("Make a dataset of the bad cases")}
          </Button>
        </span>
      </div>
      {found.isError && !found.data ? <Failure error={found.error} retry={found.refetch} /> : null}
      {found.isPending ? <Skeleton height={240} radius="lg" role="status" aria-label={t("Loading")} /> : null}
      {found.data && !rows.length ? (
        <p className={classes.none}>{bad && !q ? t("No row is bad.") : t("No row matches.")}</p>
      ) : null}
      {rows.length ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
        <section className={classes.scrolls} aria-label={t("Table of rows")} tabIndex={0}>
          <table className={classes.table}>
            <colgroup>
              {WIDTHS.map(([column, width]) => (
                <col key={column} style={{ width }} />
              ))}
            </colgroup>
            <thead>
              <tr>
                <th>
                  <Checkbox
                    size="xs"
                    aria-label={t("Choose all rows in view")}
                    checked={all}
                    onChange={(event) => choose(rows, event.currentTarget.checked)}
                  />
                </th>
                {sort("number", t("Row"))}
                <th>{t("Question")}</th>
                <th>{t("Expected")}</th>
                <th>{t("Answer")}</th>
                {sort("score", t("Score"))}
                {sort("seconds", t("Time"))}
                <th>{t("Used")}</th>
                <th>{t("Run")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row
                  key={row.number}
                  row={row}
                  chosen={chosen[row.number] !== undefined}
                  choose={(on) => choose([row], on)}
                />
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
      {found.data ? <Pages count={found.data.count} page={page} change={setPage} /> : null}
      {making ? (
        <MakeDataset one={one} chosen={Object.values(chosen)} close={() => setMaking(false)} />
      ) : null}
    </section>
  );
}

interface SortProps {
  name: "number" | "score" | "seconds";
  label: string;
  order: Order;
  change: (order: Order) => void;
}

function Sort({ name, label, order, change }: SortProps) {
  const up = order === name;
  const down = order === `-${name}`;
  return (
    <th aria-sort={up ? "ascending" : down ? "descending" : "none"} className={classes.right}>
      <button type="button" className={classes.sort} onClick={() => change(up ? `-${name}` : name)}>
        {label}
        {up ? <IconArrowUp size={13} aria-hidden /> : null}
        {down ? <IconArrowDown size={13} aria-hidden /> : null}
      </button>
    </th>
  );
}

interface RowProps {
  row: EvaluationRow;
  chosen: boolean;
  choose: (on: boolean) => void;
}

const LONG = 160;

function Row({ row, chosen, choose }: RowProps) {
  const [unfolded, unfold] = useState(false);
  const long = [row.question, row.expected, row.answer ?? ""].some(
    (text) => text.length > LONG || text.includes("\n"),
  );
  const cell = (text: ReactNode) => (
    <div className={classes.text} data-whole={unfolded}>
      {text}
    </div>
  );
  return (
    <tr data-good={row.good === null ? undefined : row.good}>
      <td>
        <Checkbox
          size="xs"
          aria-label={t("Choose row {n}", { n: row.number })}
          checked={chosen}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
      </td>
      <td className={classes.right}>{row.number}</td>
      <td>
        {cell(row.question)}
        {long ? (
          <button
            type="button"
            className={classes.sort}
            aria-expanded={unfolded}
            onClick={() => unfold(!unfolded)}
          >
            {unfolded ? t("Less") : t("More")}
          </button>
        ) : null}
      </td>
      <td>{cell(row.expected)}</td>
      <td>
        {row.error ? <Refusal error={row.error} /> : null}
        {row.answer === null && !row.error ? <span className={classes.quiet}>{stateWords(row)}</span> : null}
        {row.answer === null ? null : cell(row.answer)}
        {row.reason ? <p className={classes.quiet}>{row.reason}</p> : null}
      </td>
      <td className={classes.right}>
        <span className={classes.mark} data-good={row.good === null ? undefined : row.good}>
          {scoreWords(row.score)}
          <span className="visually-hidden">{row.good === null ? "" : row.good ? t("good") : t("bad")}</span>
        </span>
      </td>
      <td className={classes.right}>{row.seconds == null ? "" : formatDuration(row.seconds)}</td>
      <td className={classes.quietCell}>{usageBrief(row.usage).join(" · ")}</td>
      <td>
        {row.run ? (
          <Link
            className={classes.link}
            to={`/runs/${row.run}`}
            aria-label={t("Open the run of row {n}", { n: row.number })}
          >
            {t("Open")}
          </Link>
        ) : null}
      </td>
    </tr>
  );
}

function stateWords({ state }: EvaluationRow): string {
  if (state === "waiting") return t("Waiting");
  if (state === "cancelled") return t("Stopped");
  return t("Running");
}
