import { Button, Skeleton } from "@mantine/core";
import { IconCircleCheck, IconDownload } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { Failure, Problem } from "@/shared/ui";
import { useEnvironment, useMakeEnvironment } from "../api/serving";
import classes from "./serving.module.css";

const MB = 1 << 20;

/** The environment of torch, vLLM and peft: what is there, and what making it would take. */
export function Environment({ job }: { job: (id: string, close: () => void) => ReactNode }) {
  const found = useEnvironment();
  const make = useMakeEnvironment();
  const [watched, watch] = useState(true);
  if (found.isError && !found.data) return <Failure error={found.error} retry={found.refetch} />;
  if (!found.data) return <Skeleton height={84} radius="lg" />;
  const plan = found.data;
  const sizes = {
    count: plan.packages,
    download: formatBytes(plan.download_mb * MB),
    disk: formatBytes(plan.disk_mb * MB),
    minutes: plan.minutes,
    free: formatBytes(plan.free_mb * MB),
  };
  return (
    <div className={classes.item}>
      <div className={classes.head}>
        {plan.ready ? (
          <span className={classes.mark} data-tone="good">
            <IconCircleCheck size={16} aria-hidden />
            {t("Set up")}
          </span>
        ) : (
          <b>{t("Not set up yet")}</b>
        )}
        <span className={classes.quiet}>
          {plan.kind === "gpu" ? t("For the GPU") : t("For the processor")}
        </span>
        {plan.ready || !plan.allowed ? null : (
          <span className={classes.actions}>
            <Button
              size="compact-md"
              leftSection={<IconDownload size={16} />}
              loading={make.isPending || plan.job !== null}
              onClick={() => make.mutate(null)}
            >
              {t("Set up")}
            </Button>
          </span>
        )}
      </div>
      {plan.ready ? null : (
        <p className={classes.quiet}>
          {t(
            "Installs {count} packages: about {download} to load, {disk} on disk ({free} are free), {minutes} minutes. The studio's own environment stays as it is.",
            sizes,
          )}
        </p>
      )}
      <p className={classes.quiet}>{plan.main.join(" · ")}</p>
      <p className={classes.quiet}>{plan.folder}</p>
      {make.error ? <Problem error={make.error} /> : null}
      {plan.job && watched ? <div className={classes.open}>{job(plan.job, () => watch(false))}</div> : null}
    </div>
  );
}
