import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { t } from "@/shared/i18n";
import { sameValue } from "../model/patch";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

type Pair = [name: string, value: string];

/** A record of texts, as rows. A row without a name is not in the flow yet. */
export default function KeyValueWidget({ id, value, change, done }: WidgetProps) {
  const [pairs, setPairs] = useState<Pair[]>(() => pairsOf(value));
  useEffect(() => {
    setPairs((old) => (sameValue(recordOf(old), value ?? {}) ? old : pairsOf(value)));
  }, [value]);
  const update = (next: Pair[]) => {
    setPairs(next);
    change(recordOf(next));
  };
  const set = (at: number, pair: Pair) => update(pairs.map((old, row) => (row === at ? pair : old)));
  return (
    <div className={styles.rows}>
      {pairs.map(([name, text], row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed, rows stay
        <div key={row} className={styles.pair}>
          <TextInput
            id={row === 0 ? id : undefined}
            aria-label={t("Name {n}", { n: row + 1 })}
            placeholder={t("Name")}
            value={name}
            error={name !== "" && pairs.some(([other], at) => at < row && other === name)}
            onChange={(event) => set(row, [event.currentTarget.value, text])}
            onBlur={done}
          />
          <TextInput
            aria-label={t("Value {n}", { n: row + 1 })}
            placeholder={t("Value")}
            value={text}
            onChange={(event) => set(row, [name, event.currentTarget.value])}
            onBlur={done}
          />
          <ActionIcon
            aria-label={t("Remove row {n}", { n: row + 1 })}
            onClick={() => update(pairs.filter((_pair, at) => at !== row))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        id={pairs.length === 0 ? id : undefined}
        aria-label={t("Add a row")}
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => setPairs([...pairs, ["", ""]])}
      >
        {t("Add a row")}
      </Button>
    </div>
  );
}

function pairsOf(value: unknown): Pair[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, text]) => [
    name,
    typeof text === "string" ? text : JSON.stringify(text),
  ]);
}

function recordOf(pairs: Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}
