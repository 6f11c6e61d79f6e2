import { Select, Skeleton } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { msg, t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatDuration, formatInstant, formatTime } from "@/shared/lib/format";
import { Empty } from "@/shared/ui";
import { type Job, useBackends, useBackendsAgain } from "../api/compute";
import { useLiveJobs } from "../model/live";
import classes from "./compute.module.css";
import { JobMark } from "./JobMark";
import { JobView } from "./JobView";

interface Props {
  chosen: string | null;
  choose: (job: string | null) => void;
}

/** A person's newest jobs, live; the chosen one opens with its log. */
export function Jobs({ chosen, choose }: Props) {
  const { jobs, silent } = useLiveJobs();
  const again = useBackendsAgain();
  const [backend, setBackend] = useState<string | null>(null);
  const backends = useBackends().data ?? [];
  const stands = jobs?.map((job) => `${job.id}${job.state}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever a job has moved, and only then
  useEffect(() => {
    if (stands) void again();
  }, [stands]);
  const shown = jobs?.filter((job) => backend === null || job.backend === backend);
  return (
    <>
      <div className={classes.filters}>
        <Select
          size="xs"
          clearable
          aria-label={t("Backend")}
          placeholder={t("All backends")}
          data={backends.map((one) => ({
            value: one.id,
            label: one.always ? t("This machine") : one.name,
          }))}
          value={backend}
          onChange={setBackend}
        />
        {silent ? (
          <span className={classes.quiet}>{t("The studio does not answer; trying again.")}</span>
        ) : null}
      </div>
      {chosen ? <JobView key={chosen} id={chosen} close={() => choose(null)} /> : null}
      {shown === undefined ? (
        <div role="status" aria-label={t("Loading")} className={classes.rows}>
          {[0, 1, 2].map((index) => (
            <Skeleton key={index} height={42} radius={0} />
          ))}
        </div>
      ) : null}
      {shown?.length === 0 ? (
        <Empty icon={<IconStack2 size={26} />} title={t("No jobs yet")}>
          {t(
            "A flow that runs on a backend, a model that is served, a fine-tune: each stands here with its state and its log.",
          )}
        </Empty>
      ) : null}
      {shown?.length ? (
        <ul className={classes.rows}>
          {shown.map((job) => (
            <li key={job.id}>
              <Row job={job} chosen={job.id === chosen} choose={choose} />
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

const PURPOSES: Record<string, string> = {
  run: msg("Run of a flow"),
  check: msg("Check"),
  service: msg("Service"),
  tuning: msg("Fine-tune"),
};

export function purposeOf(job: Job): string {
  const known = PURPOSES[job.purpose];
  return known ? t(known) : job.purpose;
}

function Row({ job, chosen, choose }: { job: Job; chosen: boolean; choose: Props["choose"] }) {
  const [begin, end] = [job.started_at, job.finished_at];
  const took = begin && end ? (new Date(end).getTime() - new Date(begin).getTime()) / 1000 : null;
  return (
    <button
      type="button"
      className={classes.row}
      aria-expanded={chosen}
      onClick={() => choose(chosen ? null : job.id)}
    >
      <JobMark job={job} />
      <span className={classes.name}>{job.title || job.name}</span>
      <span className={classes.quiet}>{purposeOf(job)}</span>
      <span className={classes.quiet}>{t(job.backend_name)}</span>
      <span className={classes.message} data-bad={job.state === "failed"}>
        {[job.state === "failed" ? job.reason : "", serverWords(job.message ?? ""), job.hint && t(job.hint)]
          .filter(Boolean)
          .join(": ")}
      </span>
      <span className={classes.time}>{took === null ? "" : formatDuration(Math.max(0, took))}</span>
      <span className={classes.time} title={formatInstant(job.created_at)}>
        {formatTime(job.created_at)}
      </span>
    </button>
  );
}
