import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import classes from "./Failure.module.css";

/** A line that says what went wrong and what to do about it. */
export function Problem({ error }: { error: unknown }) {
  const { words, hint, extra } = asApiError(error);
  return (
    <div className={classes.problem} role="alert">
      <IconAlertTriangle size={17} aria-hidden className={classes.icon} />
      <div>
        <div className={classes.message}>{words}</div>
        {hint ? <div className={classes.hint}>{t(hint)}</div> : null}
        <Findings found={extra.findings} />
      </div>
    </div>
  );
}

/** What the compiler remarked, when that is why; the editor's checklist shows them all. */
function Findings({ found }: { found: unknown }) {
  if (!Array.isArray(found) || !found.length) return null;
  return (
    <ul className={classes.findings}>
      {found.slice(0, 5).map((finding: { node_id?: string; message?: string }) => (
        <li key={`${finding.node_id} ${finding.message}`}>
          {finding.node_id ? <code>{finding.node_id}</code> : null} {finding.message}
        </li>
      ))}
    </ul>
  );
}

/** A view that could not be shown, with the way to try again. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div className={classes.failure}>
      <Problem error={error} />
      {retry ? (
        <Button variant="default" onClick={() => retry()}>
          {t("Try again")}
        </Button>
      ) : null}
    </div>
  );
}
