import { ActionIcon, Button, Progress, Skeleton, Tooltip } from "@mantine/core";
import { IconDownload, IconPackageExport, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { StateMark } from "@/features/runs";
import { listed, msg, t, tn } from "@/shared/i18n";
import { formatAgo, formatBytes, formatInstant } from "@/shared/lib/format";
import { Confirm, CopyButton, Empty, Failure, Problem, tell } from "@/shared/ui";
import { type ExportJob, isOpen, useCancelExport, useDeleteExport, useExports } from "../api/exports";
import classes from "./ExportList.module.css";

export const FORMS = {
  archive: msg("Archive"),
  python_project: msg("Python project"),
  docker_context: msg("Docker context"),
};

/** The exports that there are, with what is being made of them. */
export function ExportList({ begin }: { begin: ReactNode }) {
  const list = useExports();
  const jobs = list.data?.pages.flatMap((page) => page.results);
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  if (jobs === undefined) return <Waiting />;
  if (jobs.length === 0)
    return (
      <Empty icon={<IconPackageExport size={26} />} title={t("Nothing has been exported yet")} action={begin}>
        {t(
          "Flows leave as an archive for another studio, as a Python project, or as a Docker context. No key ever goes with them.",
        )}
      </Empty>
    );
  return (
    <>
      <ul className={classes.list}>
        {jobs.map((job) => (
          <li key={job.id}>
            <Row job={job} />
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button
          mt="md"
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("Earlier exports")}
        </Button>
      ) : null}
    </>
  );
}

function Row({ job }: { job: ExportJob }) {
  const names = job.flows.map((flow) => flow.name);
  return (
    <article className={classes.row} aria-label={listed(names)}>
      <div className={classes.state}>
        <StateMark state={job.state} />
      </div>
      <div className={classes.words}>
        <div className={classes.title}>
          <strong title={listed(names)}>{listed(names)}</strong>
          <span>{t(FORMS[job.form])}</span>
        </div>
        <Facts job={job} />
        {job.error ? <Problem error={job.error} /> : null}
        {job.warnings.length ? <Warnings warnings={job.warnings} /> : null}
      </div>
      <Actions job={job} name={job.name || listed(names)} />
    </article>
  );
}

function Facts({ job }: { job: ExportJob }) {
  if (isOpen(job)) {
    const share = job.total ? Math.min(100, (100 * job.done) / job.total) : 0;
    return (
      <Progress
        value={share}
        size="sm"
        animated={job.state === "running"}
        aria-label={t("Progress")}
        className={classes.progress}
      />
    );
  }
  return (
    <div className={classes.facts}>
      <span title={formatInstant(job.created_at)}>{formatAgo(job.created_at)}</span>
      {job.size === null ? null : <span>{formatBytes(job.size)}</span>}
      {job.sha256 ? (
        <span className={classes.digest}>
          <code title={job.sha256}>{`SHA-256 ${job.sha256.slice(0, 12)}…`}</code>
          <CopyButton text={() => job.sha256} label={t("Copy the SHA-256")} />
        </span>
      ) : null}
      {job.state === "succeeded" && !job.available ? <span>{t("its time is over")}</span> : null}
      {job.available && job.expires_at ? (
        <span title={formatInstant(job.expires_at)}>
          {t("kept until {when}", { when: formatInstant(job.expires_at) })}
        </span>
      ) : null}
    </div>
  );
}

function Warnings({ warnings }: { warnings: string[] }) {
  return (
    <details className={classes.warnings}>
      <summary>{tn(warnings.length, "{n} remark", "{n} remarks")}</summary>
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </details>
  );
}

function Actions({ job, name }: { job: ExportJob; name: string }) {
  const cancel = useCancelExport();
  const remove = useDeleteExport();
  const [doomed, doom] = useState<string | null>(null);
  if (isOpen(job))
    return (
      <div className={classes.actions}>
        <Tooltip label={t("Cancel")}>
          <ActionIcon
            aria-label={t("Cancel {name}", { name })}
            disabled={job.state === "cancelling"}
            onClick={() => cancel.mutate(job.id, { onError: tell.failure })}
          >
            <IconPlayerStop size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
    );
  return (
    <div className={classes.actions}>
      {job.available ? (
        <Button
          component="a"
          href={`/api/v1/exports/${job.id}/file`}
          download={job.name}
          size="xs"
          variant="default"
          leftSection={<IconDownload size={15} />}
          aria-label={t("Download {name}", { name })}
        >
          {t("Download")}
        </Button>
      ) : null}
      <Tooltip label={t("Delete")}>
        <ActionIcon aria-label={t("Delete {name}", { name })} onClick={() => doom(job.id)}>
          <IconTrash size={17} />
        </ActionIcon>
      </Tooltip>
      <Confirm of={doomed} title={t("Delete “{name}”?", { name })} mutation={remove} close={() => doom(null)}>
        {t("Its file goes with it. What was exported stays as it is.")}
      </Confirm>
    </div>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label={t("Loading")} className={classes.list}>
      {[0, 1, 2].map((index) => (
        <Skeleton key={index} height={64} radius={0} />
      ))}
    </div>
  );
}
