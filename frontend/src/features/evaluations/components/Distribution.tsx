import { listed, t } from "@/shared/i18n";
import classes from "./evaluations.module.css";

/** How many rows have which score, in tenths; those that are good in another colour. */
export function Distribution({ bins, threshold }: { bins: number[]; threshold: number }) {
  const most = Math.max(1, ...bins);
  const words = bins.map((count, at) => `${(at / 10).toFixed(1)}–${((at + 1) / 10).toFixed(1)}: ${count}`);
  return (
    <figure className={classes.chart}>
      <figcaption>{t("How many rows have which score")}</figcaption>
      <div className={classes.bars} role="img" aria-label={listed(words)}>
        {bins.map((count, at) => (
          <span key={words[at]} title={words[at]}>
            <small>{count || ""}</small>
            <i
              data-good={(at + 1) / 10 > threshold || at === 9}
              style={{ height: `${Math.max(count ? 4 : 1, (56 * count) / most)}px` }}
            />
          </span>
        ))}
      </div>
      <div className={classes.scale} aria-hidden>
        <span>0</span>
        <span>0.5</span>
        <span>1</span>
      </div>
    </figure>
  );
}
