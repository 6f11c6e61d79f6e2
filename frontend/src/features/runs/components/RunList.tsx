import { Button, Checkbox, Select, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconActivity, IconScale, IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useFlow } from "@/features/flows";
import { errorSaid } from "@/shared/api";
import { msg, t } from "@/shared/i18n";
import { formatDuration, formatInstant, formatTime } from "@/shared/lib/format";
import { Empty, Failure } from "@/shared/ui";
import { type RunRow, useRunList } from "../api/runs";
import { isOver, type RunStatus } from "../model/events";
import { useRun } from "../model/store";
import { totalUsage, usageBrief } from "../model/usage";
import classes from "./RunList.module.css";
import { StateMark, stateLabel } from "./StateMark";

const STATUSES: RunStatus[] = [
  "queued",
  "running",
  "waiting",
  "succeeded",
  "failed",
  "timed_out",
  "cancelled",
];
const ORIGINS: Record<string, string> = {
  editor: msg("From the editor"),
  chat: msg("From a chat"),
  api: msg("By a program"),
  shared: msg("By a visitor"),
  mcp: msg("As a tool"),
};
const SINCE: Record<string, [title: string, hours: number]> = {
  hour: [msg("Last hour"), 1],
  day: [msg("Last 24 hours"), 24],
  week: [msg("Last 7 days"), 24 * 7],
  month: [msg("Last 30 days"), 24 * 30],
};

/** All runs, the newest first; those under way move by themselves. */
export function RunList() {
  const [query, setQuery] = useSearchParams();
  const status = STATUSES.find((one) => one === query.get("status"));
  const flow = query.get("flow") ?? undefined;
  const version = query.get("version") ?? undefined;
  const origin = query.get("origin") ?? undefined;
  const since = query.get("since") ?? "";
  const [words, setWords] = useState(query.get("q") ?? "");
  const [q] = useDebouncedValue(words.trim(), 250);
  const after = useMemo(() => beginOf(since), [since]);
  const list = useRunList({ status, flow, version, origin, after, q: q || undefined });
  const rows = list.data?.pages.flatMap((page) => page.results);
  const [chosen, setChosen] = useState<string[]>([]);
  const filtered = Boolean(status || flow || version || origin || since || q);
  const set = (name: string, value: string | null) =>
    setQuery(
      (known) => {
        const next = new URLSearchParams(known);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  // biome-ignore lint/correctness/useExhaustiveDependencies: `set` is made anew with each drawing
  useEffect(() => set("q", q || null), [q]);
  const toggle = (id: string) =>
    setChosen((known) => (known.includes(id) ? known.filter((one) => one !== id) : [...known, id].slice(-2)));
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  // The older one stands on the left.
  const [right, left] = (rows ?? []).filter((run) => chosen.includes(run.id)).map((run) => run.id);
  return (
    <>
      <div className={classes.filters}>
        <TextInput
          size="xs"
          className={classes.search}
          aria-label={t("Search the runs")}
          placeholder={t("Search names, inputs, outputs")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Select
          size="xs"
          clearable
          aria-label={t("Status")}
          placeholder={t("Any status")}
          data={STATUSES.map((one) => ({ value: one, label: stateLabel(one) }))}
          value={status ?? null}
          onChange={(value) => set("status", value)}
        />
        <Select
          size="xs"
          clearable
          aria-label={t("Time")}
          placeholder={t("Any time")}
          data={Object.entries(SINCE).map(([value, [title]]) => ({ value, label: t(title) }))}
          value={since || null}
          onChange={(value) => set("since", value)}
        />
        <Select
          size="xs"
          clearable
          aria-label={t("Started by")}
          placeholder={t("Any origin")}
          data={Object.entries(ORIGINS).map(([value, title]) => ({ value, label: t(title) }))}
          value={origin ?? null}
          onChange={(value) => set("origin", value)}
        />
        <VersionFilter version={version} change={(value) => set("version", value)} />
        {flow ? <FlowFilter id={flow} clear={() => set("flow", null)} /> : null}
        <Button
          size="xs"
          variant={left && right ? "filled" : "default"}
          className={classes.compare}
          disabled={!left || !right}
          component={Link}
          to={left && right ? `/runs/${left}/compare/${right}` : "."}
          data-disabled={!left || !right || undefined}
          aria-disabled={!left || !right}
          onClick={(event) => (!left || !right) && event.preventDefault()}
          leftSection={<IconScale size={15} aria-hidden />}
          title={t("Choose two runs by the boxes at their left.")}
        >
          {t("Compare ({n} of 2)", { n: chosen.length })}
        </Button>
      </div>
      {rows === undefined ? <Rows /> : null}
      {rows?.length === 0 ? (
        <Empty
          icon={<IconActivity size={26} />}
          title={filtered ? t("No run fits") : t("Nothing has run yet")}
        >
          {filtered
            ? t("Take a filter off, or search for other words.")
            : t("Each run of a flow stands here, with what went into every node and what came out.")}
        </Empty>
      ) : null}
      {rows?.length ? (
        <ul className={classes.list}>
          {rows.map((run) => (
            <li key={run.id} className={classes.item} data-chosen={chosen.includes(run.id) || undefined}>
              <Checkbox
                size="md"
                aria-label={t("Choose the run of {flow}, {time}, to compare", {
                  flow: run.flow_name,
                  time: formatInstant(run.created_at),
                })}
                checked={chosen.includes(run.id)}
                onChange={() => toggle(run.id)}
              />
              <Row run={run} />
            </li>
          ))}
        </ul>
      ) : null}
      {list.hasNextPage ? (
        <Button
          mt="md"
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("Earlier runs")}
        </Button>
      ) : null}
    </>
  );
}

/** When a span of time that ends now began, to the minute. */
function beginOf(since: string): string | undefined {
  const hours = SINCE[since]?.[1];
  if (hours === undefined) return undefined;
  const begin = new Date(Date.now() - hours * 3_600_000);
  begin.setSeconds(0, 0);
  return begin.toISOString();
}

function VersionFilter({ version, change }: { version?: string; change: (value: string | null) => void }) {
  const [text, setText] = useState(version && version !== "draft" ? version : "");
  const data = [
    { value: "draft", label: t("Draft") },
    ...[version, text]
      .filter((one): one is string => Boolean(one && /^\d+$/.test(one)))
      .filter((one, place, all) => all.indexOf(one) === place)
      .map((one) => ({ value: one, label: versionName(one) })),
  ];
  return (
    <Select
      size="xs"
      clearable
      searchable
      aria-label={t("Version")}
      placeholder={t("Any version")}
      data={data}
      value={version ?? null}
      onSearchChange={setText}
      filter={({ options }) => options}
      onChange={change}
    />
  );
}

function FlowFilter({ id, clear }: { id: string; clear: () => void }) {
  const name = useFlow(id).data?.name ?? "…";
  return (
    <Button size="xs" variant="light" onClick={clear} aria-label={t("Show the runs of all flows")}>
      {name} ✕
    </Button>
  );
}

function Row({ run }: { run: RunRow }) {
  const live = useRun(isOver(run.status) ? null : run.id)?.state;
  const status = live && live.last_seq > 0 ? live.status : run.status;
  const end = live?.finished_at
    ? live.finished_at * 1000
    : run.finished_at && new Date(run.finished_at).getTime();
  const begin = run.started_at ?? run.created_at;
  // The sum of all attempts once it is over; until then what its steps have told.
  const known = isOver(run.status) || !live ? run.usage : totalUsage(live);
  const used = usageBrief(known);
  return (
    <Link to={`/runs/${run.id}`} className={classes.row}>
      <StateMark state={status} />
      <span className={classes.flow}>{run.flow_name}</span>
      <span className={classes.quiet}>{versionName(run.version)}</span>
      {run.error ? (
        <span className={classes.error}>{errorSaid(run.error)}</span>
      ) : (
        <span className={classes.summary}>{readable(run.summary)}</span>
      )}
      <span className={`${classes.time} ${classes.aside}`} title={used.join(" · ")}>
        {used.at(-1)}
      </span>
      <span className={`${classes.time} ${classes.aside}`}>
        {end ? formatDuration((end - new Date(begin).getTime()) / 1000) : ""}
      </span>
      <span className={classes.time} title={formatInstant(run.created_at)}>
        {formatTime(run.created_at)}
      </span>
    </Link>
  );
}

/** What went in and came out, without the signs of JSON around it. */
function readable(summary: string): string {
  return summary
    .replace(/["{}[\]\\]+/g, " ")
    .replace(/ ?([:,]) ?/g, "$1 ")
    .trim();
}

export function versionName(version: string): string {
  return version === "draft" ? t("Draft") : t("Version {number}", { number: version });
}

function Rows() {
  return (
    <div role="status" aria-label={t("Loading")} className={classes.list}>
      {[0, 1, 2, 3, 4, 5].map((index) => (
        <Skeleton key={index} height={42} radius={0} className={classes.row} />
      ))}
    </div>
  );
}
