import { Button, Select, Skeleton } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { useFlow } from "@/features/flows";
import { t } from "@/shared/i18n";
import { formatDuration, formatInstant, formatTime } from "@/shared/lib/format";
import { Empty, Failure } from "@/shared/ui";
import { type RunRow, useRunList } from "../api/runs";
import { isOver, type RunStatus } from "../model/events";
import { useRun } from "../model/store";
import classes from "./RunList.module.css";
import { StateMark, stateLabel } from "./StateMark";

const STATUSES: RunStatus[] = ["queued", "running", "succeeded", "failed", "timed_out", "cancelled"];

/** All runs, the newest first; those under way move by themselves. */
export function RunList() {
  const [query, setQuery] = useSearchParams();
  const status = STATUSES.find((one) => one === query.get("status"));
  const flow = query.get("flow") ?? undefined;
  const list = useRunList({ status, flow });
  const rows = list.data?.pages.flatMap((page) => page.results);
  const set = (name: string, value: string | null) =>
    setQuery((known) => {
      const next = new URLSearchParams(known);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  return (
    <>
      <div className={classes.filters}>
        <Select
          size="xs"
          clearable
          aria-label={t("Status")}
          placeholder={t("Any status")}
          data={STATUSES.map((one) => ({ value: one, label: stateLabel(one) }))}
          value={status ?? null}
          onChange={(value) => set("status", value)}
        />
        {flow ? <FlowFilter id={flow} clear={() => set("flow", null)} /> : null}
      </div>
      {rows === undefined ? <Rows /> : null}
      {rows?.length === 0 ? (
        <Empty
          icon={<IconActivity size={26} />}
          title={status || flow ? t("No run fits") : t("Nothing has run yet")}
        >
          {t("Each run of a flow stands here, with what went into every node and what came out.")}
        </Empty>
      ) : null}
      {rows?.length ? (
        <ul className={classes.list}>
          {rows.map((run) => (
            <li key={run.id}>
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
  const flow = useFlow(run.flow).data;
  const status = live && live.last_seq > 0 ? live.status : run.status;
  const end = live?.finished_at
    ? live.finished_at * 1000
    : run.finished_at && new Date(run.finished_at).getTime();
  const begin = run.started_at ?? run.created_at;
  return (
    <Link to={`/runs/${run.id}`} className={classes.row}>
      <StateMark state={status} />
      <span className={classes.flow}>{flow?.name ?? "…"}</span>
      <span className={classes.quiet}>{versionName(run.version)}</span>
      <span className={classes.error}>{run.error?.message}</span>
      <span className={classes.time}>
        {end ? formatDuration((end - new Date(begin).getTime()) / 1000) : ""}
      </span>
      <span className={classes.time} title={formatInstant(run.created_at)}>
        {formatTime(run.created_at)}
      </span>
    </Link>
  );
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
