import { IconCircleCheck } from "@tabler/icons-react";
import { t, tn } from "@/shared/i18n";
import type { KnownModel } from "../api/hub";
import classes from "./Connections.module.css";

const SHOWN = 12;

/** The first models of a connection, and how many more there are. */
export function ModelChips({ models, found }: { models: KnownModel[]; found?: boolean }) {
  if (!models.length) return <p className={classes.quiet}>{t("It answers, but lists no models.")}</p>;
  return (
    <div>
      {found ? (
        <p className={classes.found}>
          <IconCircleCheck size={17} aria-hidden />
          {tn(models.length, "It answers with {n} model.", "It answers with {n} models.")}
        </p>
      ) : null}
      <ul className={classes.chips}>
        {models.slice(0, SHOWN).map(({ model }) => (
          <li key={model} title={model}>
            {model}
          </li>
        ))}
        {models.length > SHOWN ? <li data-more>{t("{n} more", { n: models.length - SHOWN })}</li> : null}
      </ul>
    </div>
  );
}
