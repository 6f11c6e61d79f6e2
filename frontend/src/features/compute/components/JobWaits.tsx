import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { useBackends, useJobOfRun } from "../api/compute";
import { useLiveJob } from "../model/live";
import classes from "./compute.module.css";

/** Why a run that was sent to a backend has not begun, in the backend's own words, and what can be done. */
export function JobWaits({ runId }: { runId: string }) {
  const elsewhere = (useBackends().data?.length ?? 0) > 1;
  const job = useJobOfRun(runId, elsewhere).data;
  return job ? <Waits id={job.id} /> : null;
}

function Waits({ id }: { id: string }) {
  const { job } = useLiveJob(id);
  if (job?.state !== "submitting" && job?.state !== "queued") return null;
  const said = [job.silence, job.message]
    .filter(Boolean)
    .map((one) => serverWords(String(one)))
    .join(" ");
  return (
    <p className={classes.quiet} role="status">
      {job.state === "queued"
        ? t("It waits in the queue of {name}.", { name: t(job.backend_name) })
        : t("It is being sent to {name}.", { name: t(job.backend_name) })}{" "}
      {said ? `(${said}) ` : ""}
      {job.hint ? `${t(job.hint)} ` : ""}
      <Anchor component={Link} to={`/compute?job=${id}`} inherit>
        {t("Open the job")}
      </Anchor>
    </p>
  );
}
