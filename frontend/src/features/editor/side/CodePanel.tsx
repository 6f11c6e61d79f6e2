import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconDownload } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { t, tn } from "@/shared/i18n";
import { CopyButton, Failure } from "@/shared/ui";
import { remarkWords } from "../inspector/remarkWords";
import type { Finding } from "../model/types";
import { remarkOfFinding } from "../model/validate";
import { useSession } from "../session";
import { exportFlow } from "../store/wholeFlow";
import styles from "./side.module.css";
import { useCode } from "./useCode";

const CodeSource = lazy(() => import("../code/CodeSource"));

/** The draft as Python: edited here or on the canvas, each follows the other. */
export function CodePanel() {
  const session = useSession();
  const code = useCode();
  if (code.failed) return <Failure error={code.failed} retry={code.retry} />;
  return (
    <div className={styles.source}>
      <div className={styles.sourceBar}>
        <span className={styles.hint}>
          {code.reading ? t("Reading the code…") : t("Edit here or on the canvas; each follows the other.")}
        </span>
        <CopyButton text={() => code.text} />
        <Tooltip label={t("Export as Python")}>
          <ActionIcon
            size="sm"
            aria-label={t("Export as Python")}
            onClick={() => void exportFlow(session, "python")}
          >
            <IconDownload size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <Suspense fallback={null}>
        <CodeSource
          label={t("The draft as Python")}
          text={code.text}
          problem={code.problem}
          change={code.change}
          done={code.done}
        />
      </Suspense>
      {code.problem ? (
        <div className={styles.sourceProblem} role="alert">
          <IconAlertCircle size={18} aria-hidden />
          <div>
            <p>
              {code.problem.line !== null && <b>{t("Line {line}", { line: code.problem.line })} </b>}
              {code.problem.message}
            </p>
            {code.problem.hint && <p className={styles.hint}>{code.problem.hint}</p>}
            <p className={styles.hint}>{t("Until then the canvas stays as it is.")}</p>
          </div>
          <Button size="compact-sm" variant="default" onClick={code.discard}>
            {t("Discard")}
          </Button>
        </div>
      ) : (
        code.remarks.length > 0 && (
          <details className={styles.sourceRemarks}>
            <summary>{tn(code.remarks.length, "{n} remark", "{n} remarks")}</summary>
            <ul>
              {code.remarks.map((remark) => (
                <li key={`${remark.node_id} ${remark.message}`}>{told(remark)}</li>
              ))}
            </ul>
          </details>
        )
      )}
    </div>
  );
}

/** A remark in the page's language; a translation says which node it means. */
function told(finding: Finding): string {
  const { message } = remarkWords(remarkOfFinding(finding));
  return message === finding.message ? message : `${finding.node_id}: ${message}`;
}
