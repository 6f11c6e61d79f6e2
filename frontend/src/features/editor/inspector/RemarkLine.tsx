import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { Remark } from "../model/validate";
import styles from "./inspector.module.css";
import { remarkWords } from "./remarkWords";

/** A remark with its advice. */
export function RemarkLine({ remark }: { remark: Remark }) {
  const { message, hint } = remarkWords(remark);
  const Sign = remark.level === "info" ? IconInfoCircle : IconAlertTriangle;
  return (
    <div className={styles.remark} data-level={remark.level}>
      <Sign size={16} aria-hidden />
      <div>
        <div>{message}</div>
        {hint && <div className={styles.hint}>{hint}</div>}
      </div>
    </div>
  );
}
