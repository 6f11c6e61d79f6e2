import { IconPlayerTrackNext, IconRoute, IconX } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link } from "react-router";
import { isOver, StateMark, useRunPart } from "@/features/runs";
import { errorSaid } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { resume } from "../store/partRuns";
import styles from "./topbar.module.css";

/** How the run on the canvas stands; once it is over, a way to take its colours off. */
export function RunMark() {
  const session = useSession();
  const { store } = session;
  const runId = useEditor((state) => state.runId);
  const status = useRunPart(runId, (live) => live.state.status);
  const time = useRunPart(runId, ({ state }) =>
    state.started_at !== null && state.finished_at !== null
      ? state.finished_at - state.started_at
      : undefined,
  );
  const error = useRunPart(runId, (live) => live.state.error);
  const over = status !== undefined && isOver(status);

  useEffect(() => {
    if (status === "succeeded") store.getState().say(t("The run succeeded."));
    if (status === "failed" || status === "timed_out") {
      store.getState().say(t("The run failed: {message}", { message: error ? errorSaid(error) : "" }));
    }
  }, [status, error, store]);

  if (!status) return null;
  return (
    <span className={styles.run} title={error ? errorSaid(error) : undefined}>
      <StateMark state={status} />
      {time !== undefined && <span className={styles.time}>{formatDuration(time)}</span>}
      <Link
        to={`/runs/${runId}`}
        title={t("Open the page of this run")}
        aria-label={t("Open the page of this run")}
      >
        <IconRoute size={14} aria-hidden />
      </Link>
      {over && status !== "succeeded" && (
        <button
          type="button"
          title={t("Resume the run where it failed")}
          aria-label={t("Resume the run where it failed")}
          onClick={() => void resume(session)}
        >
          <IconPlayerTrackNext size={14} aria-hidden />
        </button>
      )}
      {over && (
        <button
          type="button"
          title={t("Clear the run from the canvas")}
          aria-label={t("Clear the run from the canvas")}
          onClick={() => store.setState({ runId: null, lastRunId: runId })}
        >
          <IconX size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}
