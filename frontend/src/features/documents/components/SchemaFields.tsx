import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { t } from "@/shared/i18n";

interface FieldSchema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  anyOf?: FieldSchema[];
}

interface Props {
  schema: Record<string, unknown>;
  values: Record<string, unknown>;
  change: (values: Record<string, unknown>) => void;
}

/** The settings of a parser or splitter, drawn from its schema; lists and records stay as they are. */
export function SchemaFields({ schema, values, change }: Props) {
  const fields = Object.entries((schema.properties ?? {}) as Record<string, FieldSchema>);
  const set = (name: string, value: unknown) => {
    const { [name]: _old, ...rest } = values;
    change(
      value === undefined || value === fields.find(([one]) => one === name)?.[1].default
        ? rest
        : { ...rest, [name]: value },
    );
  };
  return fields.map(([name, raw]) => {
    const field = raw.anyOf ? { ...raw, ...raw.anyOf.find((one) => one.type !== "null") } : raw;
    const value = values[name] ?? field.default;
    const shared = {
      label: t(field.title ?? name),
      description: field.description ? t(field.description) : undefined,
    };
    if (field.enum)
      return (
        <Select
          key={name}
          {...shared}
          allowDeselect={false}
          data={field.enum}
          value={String(value ?? "")}
          onChange={(next) => next && set(name, next)}
        />
      );
    if (field.type === "integer" || field.type === "number")
      return (
        <NumberInput
          key={name}
          {...shared}
          min={field.minimum}
          max={field.maximum}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => set(name, typeof next === "number" ? next : undefined)}
        />
      );
    if (field.type === "boolean")
      return (
        <Switch
          key={name}
          {...shared}
          checked={value === true}
          onChange={(event) => set(name, event.currentTarget.checked)}
        />
      );
    if (field.type === "string")
      return (
        <TextInput
          key={name}
          {...shared}
          value={String(value ?? "")}
          onChange={(event) => set(name, event.currentTarget.value)}
        />
      );
    return null;
  });
}
