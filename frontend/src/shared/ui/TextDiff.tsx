import { type Change, diffLines, diffWordsWithSpace } from "diff";
import { Fragment } from "react";
import { t } from "@/shared/i18n";
import styles from "./TextDiff.module.css";

/** Lines of what stays around a change. */
const AROUND = 2;

/** Two texts in one: what went struck out, what came marked; long stretches that stayed are left out. */
export function TextDiff({ before, after }: { before: string; after: string }) {
  const long = before.split("\n").length + after.split("\n").length > 12;
  const parts: Change[] = long ? diffLines(before, after) : diffWordsWithSpace(before, after);
  return (
    <div className={styles.text}>
      {parts.map((part, place) => {
        const key = place;
        if (part.added) return <ins key={key}>{part.value}</ins>;
        if (part.removed) return <del key={key}>{part.value}</del>;
        return (
          <Fragment key={key}>{long ? shortened(part.value, place, parts.length) : part.value}</Fragment>
        );
      })}
    </div>
  );
}

function shortened(text: string, place: number, count: number): string {
  const lines = text.split("\n");
  if (lines.length <= 2 * AROUND + 2) return text;
  const head = place === 0 ? [] : lines.slice(0, AROUND);
  const tail = place === count - 1 ? [] : lines.slice(-AROUND - 1);
  const left = lines.length - head.length - tail.length;
  return [...head, t("… {n} lines …", { n: left }), ...tail].join("\n");
}
