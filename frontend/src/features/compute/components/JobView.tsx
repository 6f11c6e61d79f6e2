import { ActionIcon, Button, Skeleton } from "@mantine/core";
import { IconPlayerStopFilled, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { msg, t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatDuration, formatInstant } from "@/shared/lib/format";
import { CopyButton, tell } from "@/shared/ui";
import { type Job, useCancelJob } from "../api/compute";
import { type LiveLog, useLiveJob } from "../model/live";
import { asShown } from "../model/log";
import classes from "./compute.module.css";
import { isOver, JobMark } from "./JobMark";

/** One job: what is known of it, and what it writes as it writes it. */
export function JobView({ id, close }: { id: string; close?: () => void }) {
  const live = useLiveJob(id);
  const cancel = useCancelJob();
  const { job } = live;
  if (!job) return <Skeleton height={220} radius="lg" role="status" aria-label={t("Loading")} />;
  return (
    <section className={classes.job} aria-label={t("Job {name}", { name: job.title || job.name })}>
      <header className={classes.head}>
        <JobMark job={job} />
        <h3>{job.title || job.name}</h3>
        <span className={classes.quiet}>{t(job.backend_name)}</span>
        <span className={classes.actions}>
          {job.purpose === "run" && close ? (
            <Button component={Link} to={`/runs/${job.subject}`} size="compact-sm" variant="default">
              {t("Open the run")}
            </Button>
          ) : null}
          {isOver(job) ? null : (
            <Button
              size="compact-sm"
              color="red"
              variant="light"
              leftSection={<IconPlayerStopFilled size={14} />}
              loading={cancel.isPending || job.cancelling}
              onClick={() => cancel.mutate(job.id, { onError: tell.failure })}
            >
              {t("Cancel the job")}
            </Button>
          )}
          {close ? (
            <ActionIcon aria-label={t("Close")} onClick={close}>
              <IconX size={16} />
            </ActionIcon>
          ) : null}
        </span>
      </header>
      <Facts job={job} />
      <Log live={live} />
    </section>
  );
}

/** What the reasons mean and what to do, for who does not know Slurm's words by heart. */
const MEANINGS: Record<string, string> = {
  FAILED: msg("The command ended with an error; what it wrote says why."),
  TIMEOUT: msg("It took longer than it was allowed. Allow more time."),
  OUT_OF_MEMORY: msg("It needed more memory than it got. Ask for more."),
  PREEMPTED: msg("Something more urgent took its place. Send it again, or to a queue that is not preempted."),
  NODE_FAIL: msg("The machine went away; nothing is wrong with the job. Send it again."),
  REFUSED: msg("The backend did not take it, in its own words below. Ask for less, or change its settings."),
  LOST: msg("Nobody knows this job any more, and it left no exit code. Look at the backend itself."),
};

function Facts({ job }: { job: Job }) {
  const argv = (job.spec.argv as string[] | undefined) ?? [];
  const seconds =
    job.started_at && job.finished_at
      ? (new Date(job.finished_at).getTime() - new Date(job.started_at).getTime()) / 1000
      : null;
  const facts: [string, string][] = [
    [t("Reason"), job.reason ?? ""],
    [t("Exit code"), job.exit_code === null ? "" : String(job.exit_code)],
    [t("Message"), serverWords([job.silence, job.message].filter(Boolean).join(" "))],
    [t("Machine"), job.place ?? ""],
    [t("Number there"), job.remote_id ?? ""],
    [t("Started"), job.started_at ? formatInstant(job.started_at) : ""],
    [t("Duration"), seconds === null ? "" : formatDuration(Math.max(0, seconds))],
  ];
  const meaning = MEANINGS[job.reason ?? ""];
  return (
    <>
      {meaning ? <p className={classes.why}>{t(meaning)}</p> : null}
      {job.hint ? <p className={classes.why}>{t(job.hint)}</p> : null}
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
      {argv.length ? (
        <code className={classes.argv} title={argv.join(" ")}>
          {argv.join(" ")}
        </code>
      ) : null}
    </>
  );
}

/** Stays at its end while it grows, unless somebody has scrolled up to read. */
function Log({ live }: { live: LiveLog }) {
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the text has grown
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [live.text]);
  return (
    <div className={classes.log}>
      <div className={classes.logHead}>
        <span>{live.cut ? t("Log (its end)") : t("Log")}</span>
        {live.text ? <CopyButton text={() => live.text} /> : null}
      </div>
      <pre
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the log scrolls, so the keyboard must reach it
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {asShown(live.text) || (live.over ? t("It wrote nothing.") : t("It has written nothing yet."))}
      </pre>
    </div>
  );
}
