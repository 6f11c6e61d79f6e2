import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { createContext, useContext } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import classes from "./Failure.module.css";

/** A line that says what went wrong and what to do about it. */
export function Problem({ error }: { error: unknown }) {
  const { words, advice, extra } = asApiError(error);
  return (
    <div className={classes.problem} role="alert">
      <IconAlertTriangle size={17} aria-hidden className={classes.icon} />
      <div>
        <div className={classes.message}>{words}</div>
        {advice ? <div className={classes.hint}>{advice}</div> : null}
        <Findings found={extra.findings} />
      </div>
    </div>
  );
}

interface Finding {
  node_id?: string | null;
  /** JSON pointer into the document. */
  path?: string;
  message?: string;
}

/** Where the nodes that findings name are in sight: how they are called there, and the way to them. */
export const NodesInSight = createContext<{
  titleOf: (nodeId: string) => string;
  go: (nodeId: string, field: string | null) => void;
} | null>(null);

/** What the compiler remarked, when that is why; the editor's checklist shows them all. */
function Findings({ found }: { found: unknown }) {
  const sight = useContext(NodesInSight);
  if (!Array.isArray(found) || !found.length) return null;
  return (
    <ul className={classes.findings}>
      {found.slice(0, 5).map(({ node_id: id, path, message }: Finding) => (
        <li key={`${id} ${message}`}>
          {id && sight ? (
            <button type="button" className={classes.node} onClick={() => sight.go(id, fieldIn(path))}>
              {sight.titleOf(id)}
            </button>
          ) : id ? (
            <code>{id}</code>
          ) : null}{" "}
          {message ? serverWords(message) : null}
        </li>
      ))}
    </ul>
  );
}

const fieldIn = (path = "") => /\/settings\/([^/]+)/.exec(path)?.[1] ?? null;

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
