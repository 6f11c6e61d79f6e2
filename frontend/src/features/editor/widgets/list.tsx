import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { FieldRow } from "../inspector/FieldRow";
import { nodeAt } from "../model/document";
import { kindOf } from "../model/ports";
import { type Field, itemFields, resolve } from "../model/schema";
import { useEditor } from "../store/context";
import { type WidgetProps, widgetFor } from "./widget";
import styles from "./widgets.module.css";

/** Texts in rows, or records in little forms; in the order in which they stand. */
export default function ListWidget({ id, field, value, nodeId, change, done }: WidgetProps) {
  const root = useEditor((state) => {
    const node = nodeAt(state.history.present, nodeId);
    return node ? kindOf(state.catalogue, node.kind)?.settings_schema : undefined;
  });
  const items = Array.isArray(value) ? value : [];
  const schema = resolve(field.schema.items ?? { type: "string" }, root ?? {}).schema;
  const fields = itemFields(schema, root ?? {});
  const set = (at: number, item: unknown) => change(items.map((old, row) => (row === at ? item : old)));
  const swap = (at: number, other: number) => {
    const next = [...items];
    [next[at], next[other]] = [next[other], next[at]];
    change(next);
    done();
  };
  const plain: Field = {
    name: field.name,
    schema: { ...schema, title: undefined },
    required: false,
    nullable: false,
  };
  const Plain = widgetFor(plain);
  return (
    <div className={styles.rows}>
      {items.map((item, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries change while they are typed, rows stay
        <div key={row} className={fields ? styles.entry : styles.line}>
          {fields ? (
            <div className={styles.fields}>
              {fields.map((inner) => (
                <FieldRow
                  key={inner.name}
                  nodeId={nodeId}
                  field={inner}
                  compact
                  settings={(item ?? {}) as Record<string, unknown>}
                  idPrefix={`${id}-${row}`}
                  change={(name, next) => set(row, withField(item, name, next))}
                  done={done}
                />
              ))}
            </div>
          ) : (
            <div className={styles.grow}>
              <Plain
                id={row === 0 ? id : `${id}-${row}`}
                label={t("Entry {n}", { n: row + 1 })}
                field={plain}
                value={item}
                invalid={false}
                describedBy={undefined}
                change={(next) => set(row, next ?? "")}
                done={done}
                nodeId={nodeId}
              />
            </div>
          )}
          <div className={styles.tools}>
            <ActionIcon
              size={24}
              aria-label={t("Move up")}
              disabled={row === 0}
              onClick={() => swap(row, row - 1)}
            >
              <IconArrowUp size={14} aria-hidden />
            </ActionIcon>
            <ActionIcon
              size={24}
              aria-label={t("Move down")}
              disabled={row === items.length - 1}
              onClick={() => swap(row, row + 1)}
            >
              <IconArrowDown size={14} aria-hidden />
            </ActionIcon>
            <ActionIcon
              size={24}
              aria-label={t("Remove row {n}", { n: row + 1 })}
              onClick={() => {
                change(items.filter((_item, at) => at !== row));
                done();
              }}
            >
              <IconTrash size={14} aria-hidden />
            </ActionIcon>
          </div>
        </div>
      ))}
      <Button
        id={items.length === 0 ? id : undefined}
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={field.schema.maxItems !== undefined && items.length >= field.schema.maxItems}
        onClick={() => {
          change([...items, fields ? freshRecord(fields, items) : ""]);
          done();
        }}
      >
        {t("Add an entry")}
      </Button>
    </div>
  );
}

function withField(item: unknown, name: string, value: unknown): Record<string, unknown> {
  const { [name]: _old, ...rest } = (item ?? {}) as Record<string, unknown>;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** A new record has a name of its own, so that its port can be seen at once. */
function freshRecord(fields: Field[], items: unknown[]): Record<string, unknown> {
  if (!fields.some((field) => field.name === "name")) return {};
  const taken = new Set(items.map((item) => (item as { name?: unknown } | null)?.name));
  for (let number = items.length + 1; ; number++) {
    if (!taken.has(`item_${number}`)) return { name: `item_${number}` };
  }
}
