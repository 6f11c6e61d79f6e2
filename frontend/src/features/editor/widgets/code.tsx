import { lazy, Suspense } from "react";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

const CodeField = lazy(() => import("../code/CodeField"));

export default function CodeWidget({ id, value, field, describedBy, change, done }: WidgetProps) {
  return (
    <Suspense fallback={<div className={styles.codeLoading} />}>
      <CodeField
        id={id}
        language={String(field.schema["x-language"] ?? "text")}
        value={typeof value === "string" ? value : ""}
        describedBy={describedBy}
        change={change}
        done={done}
      />
    </Suspense>
  );
}
