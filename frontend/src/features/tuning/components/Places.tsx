import { Radio } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { Schemas } from "@/shared/api";
import { t, tn } from "@/shared/i18n";
import { reasonWords } from "@/shared/i18n/reasons";
import { formatBytes, formatDuration, formatMoney } from "@/shared/lib/format";
import { Mark } from "@/shared/ui";
import type { TunePlace } from "../api/tuning";
import { methodName } from "./Plan";
import classes from "./tuning.module.css";

interface Props {
  places: TunePlace[];
  chosen: string | null;
  choose: (id: string) => void;
  waits: boolean;
}

/** Where it could be done: green or red, with memory, time and money, and why. */
export function Places({ places, chosen, choose, waits }: Props) {
  return (
    <Radio.Group
      label={t("Where")}
      value={chosen}
      onChange={choose}
      aria-busy={waits}
      classNames={{ root: classes.where }}
    >
      <ul className={classes.rows}>
        {places.map((place) => (
          <li key={place.backend} className={classes.place}>
            <Radio
              value={place.backend}
              label={
                <span className={classes.placeName}>
                  <b>{t(place.backend_name)}</b>
                  <Mark
                    tone={place.fits ? "good" : "bad"}
                    Icon={place.fits ? IconCircleCheck : IconCircleX}
                    label={place.fits ? t("Fits") : t("Does not fit")}
                  />
                  <span className={classes.needs}>{needsOf(place)}</span>
                </span>
              }
              description={reasonWords(place.reason)}
            />
          </li>
        ))}
      </ul>
    </Radio.Group>
  );
}

/** By what, with how much memory, how long, and for how much. */
function needsOf(place: TunePlace): string {
  if (!place.fits) return "";
  const memory = formatBytes(place.memory);
  return [
    `${place.trainer}, ${methodName(place.method)}`,
    place.gpus
      ? t("{n} GPUs, {memory} of each", { n: place.gpus, memory })
      : t("{memory} of memory", { memory }),
    t("about {time}", { time: formatDuration(Math.round(place.seconds)) }),
    ...(place.before ? [tn(place.before, "{n} fine-tune before it", "{n} fine-tunes before it")] : []),
    ...(place.cost ? [t("about {n}", { n: costWords(place.cost) })] : []),
  ].join(" · ");
}

/** An estimate of money: two digits that say something. */
export function costWords(cost: Schemas["Cost"]): string {
  return formatMoney(Number(cost.amount.toPrecision(2)), cost.currency);
}
