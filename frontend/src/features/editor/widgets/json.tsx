import { useEffect, useState } from "react";
import { t } from "@/shared/i18n";
import { LazyCode } from "../code/LazyCode";
import { sameValue } from "../model/patch";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

/** Any JSON value, as text; what is no JSON yet stays in the field and out of the flow. */
export default function JsonWidget({ id, value, describedBy, change, done }: WidgetProps) {
  const [text, setText] = useState(() => written(value));
  const [wrong, setWrong] = useState(false);
  useEffect(() => {
    setText((old) => (sameValue(read(old)?.value, value) ? old : written(value)));
  }, [value]);
  return (
    <>
      <LazyCode
        id={id}
        language="json"
        value={text}
        describedBy={describedBy}
        change={(next) => {
          setText(next);
          const parsed = read(next);
          setWrong(parsed === null);
          if (parsed) change(parsed.value);
        }}
        done={done}
      />
      {wrong && <p className={styles.bad}>{t("This is no JSON yet; the last good value stays.")}</p>}
    </>
  );
}

function written(value: unknown): string {
  return value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
}

function read(text: string): { value: unknown } | null {
  if (text.trim() === "") return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
