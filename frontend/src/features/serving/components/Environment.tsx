import { Button, Skeleton } from "@mantine/core";
import { IconCircleCheck, IconDownload } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { msg, t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { Failure, Mark, Problem } from "@/shared/ui";
import { type LocalSet, useEnvironment, useMakeEnvironment } from "../api/serving";
import classes from "./serving.module.css";

const MB = 1 << 20;
const TITLES = {
  embeddings: msg("Embedding models: MiniLM and multilingual E5"),
  engines: msg("vLLM for serving, peft for fine-tuning"),
} as const;

interface Props {
  /** How a job and its log are shown. */
  job: (id: string, close: () => void) => ReactNode;
}

/** The packages of local models: what is there, what installing them would take, and how far that is. */
export function Environment({ job }: Props) {
  const found = useEnvironment();
  if (found.isError && !found.data) return <Failure error={found.error} retry={found.refetch} />;
  if (!found.data) return <Skeleton height={84} radius="lg" role="status" aria-label={t("Loading")} />;
  const { sets, allowed } = found.data;
  return (
    <ul className={classes.list}>
      {sets.map((one) => (
        <SetCard key={one.what} found={one} allowed={allowed} job={job} />
      ))}
    </ul>
  );
}

function SetCard({ found, allowed, job }: { found: LocalSet; allowed: boolean } & Props) {
  const make = useMakeEnvironment();
  const [watched, watch] = useState<string | null>(null);
  // The log stays in sight after its end: that is where a failure says why.
  if (found.job && watched === null) watch(found.job);
  const title = t(TITLES[found.what]);
  const sizes = {
    count: found.packages,
    download: formatBytes(found.download_mb * MB),
    disk: formatBytes(found.disk_mb * MB),
    minutes: found.minutes,
    free: formatBytes(found.free_mb * MB),
  };
  return (
    <li className={classes.item} aria-label={title}>
      <div className={classes.head}>
        <h3>{title}</h3>
        <span className={classes.quiet}>
          {found.kind === "gpu" ? t("For the GPU") : t("For the processor")}
        </span>
        <span className={classes.actions}>
          {found.ready ? <Mark tone="good" Icon={IconCircleCheck} label={t("Installed")} /> : null}
          {!found.ready && allowed ? (
            <Button
              size="compact-md"
              variant="default"
              leftSection={<IconDownload size={16} />}
              loading={make.isPending || found.job !== null}
              onClick={() => {
                watch(null);
                make.mutate(found.what);
              }}
            >
              {t("Set up")}
            </Button>
          ) : null}
        </span>
      </div>
      {found.ready ? null : (
        <p className={classes.quiet}>
          {t(
            "Installs {count} packages: about {download} to load, {disk} on disk ({free} are free), about {minutes} min. The studio's own environment stays as it is.",
            sizes,
          )}
        </p>
      )}
      <p className={classes.quiet}>{found.main.join(" · ")}</p>
      <p className={classes.quiet}>{found.folder}</p>
      {make.error ? <Problem error={make.error} /> : null}
      {watched && !found.ready ? <div className={classes.open}>{job(watched, () => watch(""))}</div> : null}
    </li>
  );
}
