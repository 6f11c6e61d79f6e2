import { Button } from "@mantine/core";
import { useEffect } from "react";
import { t, tn } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { clearUploads, sendAgain, useUploads } from "../api/uploads";
import classes from "./Knowledge.module.css";

/** Files on their way up: one bar for all, a line for each that failed. */
export function UploadList({ knowledge }: { knowledge: string }) {
  const all = useUploads((state) => state.files);
  const files = all.filter((one) => one.knowledge === knowledge);
  const busy = files.some((one) => one.state === "waiting" || one.state === "sending");
  const failed = files.filter((one) => one.state === "failed");
  const known = files.filter((one) => one.state === "known");
  useEffect(() => {
    if (busy) return;
    const timer = setTimeout(() => clearUploads(knowledge, false), 6_000);
    return () => clearTimeout(timer);
  }, [busy, knowledge]);
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [busy]);
  if (!files.length) return null;
  const sent = files.reduce((sum, one) => sum + one.sent, 0);
  const size = files.reduce((sum, one) => sum + one.size, 0);
  const arrived = files.filter((one) => one.state === "done" || one.state === "known").length;
  return (
    <div className={classes.uploads} role="status">
      <div className={classes.uploading}>
        <span>
          {busy
            ? t("Uploading: {done} of {all} files, {sent} of {size}", {
                done: arrived,
                all: files.length,
                sent: formatBytes(sent),
                size: formatBytes(size),
              })
            : tn(arrived, "{n} file has arrived.", "{n} files have arrived.")}
          {known.length ? ` ${t("{n} were here already.", { n: known.length })}` : ""}
        </span>
        <progress max={Math.max(1, size)} value={sent} aria-label={t("Progress")} className={classes.wide} />
      </div>
      {failed.map((one) => (
        <div key={one.key} className={classes.uploadFailed}>
          <span className={classes.bad}>
            {one.name}: {one.error?.words} {one.error?.advice ?? ""}
          </span>
          <Button size="compact-xs" variant="default" onClick={() => sendAgain(one.key)}>
            {t("Try again")}
          </Button>
        </div>
      ))}
      {failed.length ? (
        <Button size="compact-xs" variant="subtle" onClick={() => clearUploads(knowledge, true)}>
          {t("Forget these")}
        </Button>
      ) : null}
    </div>
  );
}
