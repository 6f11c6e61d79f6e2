import { Skeleton } from "@mantine/core";
import { IconSchool } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { StateMark } from "@/features/runs";
import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatAgo, formatInstant } from "@/shared/lib/format";
import { Empty, Failure } from "@/shared/ui";
import { isOpen, type Tune } from "../api/tuning";
import { methodName } from "./Plan";
import classes from "./tuning.module.css";

interface Props {
  list: UseQueryResult<Tune[]>;
  chosen: string | null;
  choose: (id: string | null) => void;
}

/** A person's fine-tunes, newest first. */
export function TuneList({ list, chosen, choose }: Props) {
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  if (!list.data)
    return (
      <div role="status" aria-label={t("Loading")} className={classes.rows}>
        <Skeleton height={44} radius={0} />
        <Skeleton height={44} radius={0} />
      </div>
    );
  if (!list.data.length)
    return (
      <Empty icon={<IconSchool size={26} />} title={t("Nothing has been fine-tuned yet")}>
        {t(
          "Bring questions with their answers as a dataset below. Flowloft chooses the framework and every value for this machine, and says why, before anything starts.",
        )}
      </Empty>
    );
  return (
    <ul className={classes.rows}>
      {list.data.map((tune) => (
        <li key={tune.id}>
          <button
            type="button"
            className={classes.row}
            aria-expanded={tune.id === chosen}
            onClick={() => choose(tune.id === chosen ? null : tune.id)}
          >
            <StateMark state={tune.state} />
            <span className={classes.name}>{tune.name}</span>
            <span className={classes.cut}>
              {[tune.base, tune.dataset, methodName(tune.plan.method)].filter(Boolean).join(" · ")}
            </span>
            <span className={classes.end} title={tune.waits ? serverWords(tune.waits) : undefined}>
              {howFar(tune)}
            </span>
            <span className={classes.end} title={formatInstant(tune.created_at)}>
              {formatAgo(tune.created_at)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function howFar(tune: Tune): string {
  const { step, steps, loss } = tune.progress;
  const told = loss === undefined ? "" : t("loss {n}", { n: Number(loss).toFixed(3) });
  if (tune.state === "queued" && tune.waits) return t("in the queue");
  if (!isOpen(tune) || !steps) return told;
  return [`${step} / ${steps}`, told].filter(Boolean).join(" · ");
}
