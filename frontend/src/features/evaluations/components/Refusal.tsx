import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import classes from "./evaluations.module.css";

/** Why a row could not be measured, in a cell: quiet, because there may be many. */
export function Refusal({ error }: { error: unknown }) {
  const { words, hint } = asApiError(error);
  return (
    <p className={classes.refusal} title={hint ? t(hint) : undefined}>
      {words}
    </p>
  );
}
