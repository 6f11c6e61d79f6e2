import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import type { Remark } from "../model/validate";
import styles from "./inspector.module.css";

/** A remark with its advice. */
export function RemarkLine({ remark }: { remark: Remark }) {
  const Sign = remark.level === "info" ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={styles.remark} data-level={remark.level}>
      <Sign size={16} aria-hidden />
      <div>
        <div>{t(remark.message, remark.values)}</div>
        {remark.hint && <div className={styles.hint}>{t(remark.hint)}</div>}
      </div>
    </div>
  );
}
