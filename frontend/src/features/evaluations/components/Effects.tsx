import { t } from "@/shared/i18n";
import type { WholeExperiment } from "../api/experiments";
import { effectsOf } from "../model/board";
import { scoreWords, settingWords, valueWords } from "../model/words";
import classes from "./experiments.module.css";

/** Which setting makes the difference: the mean score with each of its values. */
export function Effects({ one, names }: { one: WholeExperiment; names: Map<string, string> }) {
  const effects = effectsOf(one);
  if (!effects.some(({ means }) => means.some(({ score }) => score !== null))) return null;
  return (
    <section className={classes.card} aria-labelledby="effects">
      <h2 id="effects">{t("What each value came to")}</h2>
      <p className={classes.about}>{t("The mean score over everything that a value was combined with.")}</p>
      <div className={classes.effects}>
        {effects.map(({ setting, means }) => (
          <div key={`${setting.node} ${setting.field}`}>
            <h3>{settingWords(setting)}</h3>
            <dl>
              {means.map(({ value, score }) => (
                <div key={JSON.stringify(value)}>
                  <dt title={valueWords(value, names)}>{valueWords(value, names)}</dt>
                  <dd>
                    <i style={{ inlineSize: `${100 * (score ?? 0)}%` }} />
                    <span>{scoreWords(score)}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </section>
  );
}
