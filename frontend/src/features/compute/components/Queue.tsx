import { ActionIcon, Anchor, Skeleton } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { t, tn } from "@/shared/i18n";
import { formatInstant, formatTime } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import { type Backend, useQueue } from "../api/compute";
import classes from "./compute.module.css";

interface Props {
  backend: Backend;
  /** Shows a job of one's own. */
  show: (job: string) => void;
}

/** A backend's own queue, with what others have sent there: how full it is, and what comes first. */
export function Queue({ backend, show }: Props) {
  const queue = useQueue(backend.id);
  if (queue.error) return <Problem error={queue.error} />;
  if (!queue.data) return <Skeleton height={64} mt={8} role="status" aria-label={t("Loading")} />;
  const jobs = queue.data.jobs ?? [];
  const running = jobs.filter((job) => job.running).length;
  return (
    <section className={classes.queue} aria-label={t("Queue of {name}", { name: backend.name })}>
      <header>
        <span>
          {jobs.length
            ? [
                tn(running, "{n} job runs", "{n} jobs run"),
                tn(jobs.length - running, "{n} job waits", "{n} jobs wait"),
              ].join(" · ")
            : t("Nothing runs or waits there.")}
        </span>
        <ActionIcon
          size="sm"
          aria-label={t("Ask again")}
          loading={queue.isFetching}
          onClick={() => void queue.refetch()}
        >
          <IconRefresh size={14} />
        </ActionIcon>
      </header>
      {jobs.length ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <div className={classes.queueRows} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th>{t("Number")}</th>
                <th>{t("State")}</th>
                <th>{t("Name")}</th>
                <th>{t("Who")}</th>
                <th>{t("Reason or machine")}</th>
                <th>{t("Since")}</th>
              </tr>
            </thead>
            <tbody>
              {jobs.map(({ number, running: runs, name, user, job, message, since }) => (
                <tr key={number} data-mine={job !== null}>
                  <td>{number}</td>
                  <td>{runs ? t("Running") : t("In the queue")}</td>
                  <td>
                    {job ? (
                      <Anchor component="button" type="button" inherit onClick={() => show(job)}>
                        {name}
                      </Anchor>
                    ) : (
                      name || t("Somebody else's")
                    )}
                  </td>
                  <td>{user}</td>
                  <td>{message}</td>
                  <td title={since ? formatInstant(since) : undefined}>{since ? formatTime(since) : ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}
