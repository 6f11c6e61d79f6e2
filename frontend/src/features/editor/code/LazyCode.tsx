import { Textarea } from "@mantine/core";
import { lazy, Suspense } from "react";
import styles from "./code.module.css";

export interface CodeProps {
  id: string;
  language: string;
  value: string;
  describedBy: string | undefined;
  /** What is wrong, and in which line. */
  problem?: { line: number; message: string } | undefined;
  change(value: string): void;
  done(): void;
}

/** CodeMirror, fetched when a form first needs it; a plain field where it can't be fetched. */
const Fetched = lazy(() => import("./CodeField").catch(() => ({ default: PlainField })));

export function LazyCode(props: CodeProps) {
  return (
    <Suspense fallback={<div className={styles.loading} />}>
      <Fetched {...props} />
    </Suspense>
  );
}

function PlainField({ id, value, describedBy, change, done }: CodeProps) {
  return (
    <Textarea
      id={id}
      autosize
      minRows={3}
      maxRows={16}
      spellCheck={false}
      classNames={{ input: styles.plain }}
      value={value}
      aria-describedby={describedBy}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={done}
    />
  );
}
