import { Button, Select, Skeleton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { errorSaid } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { Failure } from "@/shared/ui";
import type { StepFacts } from "../api/kinds";
import { useRunEvents } from "../api/runs";
import { type RunEvent, stepKey } from "../model/events";
import classes from "./EventList.module.css";

interface Props {
  runId: string;
  /** The newest event that is known of: the list follows it. */
  lastSeq: number;
  facts: (nodeId: string) => StepFacts;
  choose: (key: string) => void;
}

const SHOWN = 500;

/** Everything that the run told, in order; found by its words. */
export function EventList({ runId, lastSeq, facts, choose }: Props) {
  const list = useRunEvents(runId, lastSeq);
  const [type, setType] = useState<string | null>(null);
  const [words, setWords] = useState("");
  const [limit, setLimit] = useState(SHOWN);
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  if (!list.data) return <Skeleton height={360} radius="lg" role="status" aria-label={t("Loading")} />;
  const events = list.data.pages.flat();
  const begin = events[0]?.at ?? 0;
  const wanted = words.trim().toLowerCase();
  const found = events.filter(
    (event) =>
      (type === null || event.type === type) &&
      (wanted === "" || `${nodeOf(event)} ${saidBy(event)}`.toLowerCase().includes(wanted)),
  );
  return (
    <section className={classes.events} aria-label={t("Events")}>
      <div className={classes.filters}>
        <TextInput
          size="xs"
          aria-label={t("Search the events")}
          placeholder={t("Search the events")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Select
          size="xs"
          clearable
          aria-label={t("Kind of event")}
          placeholder={t("All kinds")}
          data={[...new Set(events.map((event) => event.type))].sort()}
          value={type}
          onChange={setType}
        />
        <span>{t("{n} of {total}", { n: found.length, total: events.length })}</span>
      </div>
      <div className={classes.table}>
        <table>
          <thead>
            <tr>
              <th>{t("No.")}</th>
              <th>{t("After")}</th>
              <th>{t("Event")}</th>
              <th>{t("Node")}</th>
              <th>{t("What it says")}</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, limit).map((event) => (
              <tr key={event.seq} data-bad={isBad(event) || undefined}>
                <td>{event.seq}</td>
                <td>{formatDuration(event.at - begin)}</td>
                <td>
                  <code>{event.type}</code>
                </td>
                <td>
                  {"node_id" in event ? (
                    <button type="button" onClick={() => choose(stepKey(event.path ?? "", event.node_id))}>
                      {facts(event.node_id).title}
                      {event.path ? <small> {event.path}</small> : null}
                    </button>
                  ) : null}
                </td>
                <td className={classes.said}>{saidBy(event).slice(0, 400)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length > limit ? (
        <Button size="compact-sm" variant="subtle" onClick={() => setLimit(limit + 2_000)}>
          {t("{n} more", { n: found.length - limit })}
        </Button>
      ) : list.hasNextPage ? (
        <Button
          size="compact-sm"
          variant="subtle"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("Later events")}
        </Button>
      ) : null}
    </section>
  );
}

const nodeOf = (event: RunEvent) => ("node_id" in event ? `${event.path ?? ""} ${event.node_id}` : "");

const isBad = (event: RunEvent) =>
  event.type === "step.failed" || event.type === "run.failed" || event.type === "run.timed_out";

/** What an event says besides what it is, and where. */
function saidBy(event: RunEvent): string {
  switch (event.type) {
    case "log":
      return `${event.level}: ${event.message}`;
    case "step.delta":
      return event.text;
    case "step.started":
      return short(event.inputs);
    case "step.succeeded":
    case "run.succeeded":
      return short(event.outputs);
    case "step.failed":
    case "step.retrying":
    case "run.failed":
    case "run.timed_out":
      return errorSaid(event.error);
    case "step.progress":
      return event.total ? `${event.done} / ${event.total}` : String(event.done);
    case "step.waiting":
      return short(event.question);
    default:
      return "";
  }
}

const short = (value: unknown) =>
  value === null || value === undefined ? "" : JSON.stringify(value).slice(0, 600);
