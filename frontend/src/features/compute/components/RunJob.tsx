import { t } from "@/shared/i18n";
import { useJobOfRun } from "../api/compute";
import classes from "./compute.module.css";
import { JobView } from "./JobView";

/** The job that carries a run, with its log; nothing for a run of the studio itself. */
export function RunJob({ runId, backend }: { runId: string; backend: string }) {
  const job = useJobOfRun(runId, backend !== "local").data;
  if (!job) return null;
  return (
    <details className={classes.runJob}>
      <summary>{t("Job on {name}", { name: t(job.backend_name || "a removed backend") })}</summary>
      <JobView id={job.id} />
    </details>
  );
}
