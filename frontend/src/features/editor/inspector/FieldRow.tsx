import { Input } from "@mantine/core";
import { t } from "@/shared/i18n";
import { sameValue } from "../model/patch";
import { type Field, valueIn, wrongWith } from "../model/schema";
import type { Settings } from "../model/types";
import { widgetFor } from "../widgets/widget";

interface Props {
  nodeId: string;
  field: Field;
  settings: Settings;
  idPrefix: string;
  /** In a list: without the long description. */
  compact?: boolean;
  /** What the compiler says of this field. */
  remark?: string | undefined;
  change(name: string, value: unknown): void;
  done(): void;
}

/** A field with its label, what it is for, and at once what is wrong with it. */
export function FieldRow({ nodeId, field, settings, idPrefix, compact, remark, change, done }: Props) {
  const Widget = widgetFor(field);
  const id = `${idPrefix}-${field.name}`;
  const wrong = wrongWith(field, settings);
  const error = wrong ? t(wrong.message, wrong.values) : remark;
  const described = [!compact && field.schema.description ? `${id}-about` : "", error ? `${id}-error` : ""]
    .filter(Boolean)
    .join(" ");
  return (
    <Input.Wrapper
      id={id}
      label={t(field.schema.title ?? field.name)}
      withAsterisk={field.required}
      description={compact || !field.schema.description ? undefined : t(field.schema.description)}
      descriptionProps={{ id: `${id}-about` }}
      error={error}
      errorProps={{ id: `${id}-error` }}
      inputWrapperOrder={["label", "description", "input", "error"]}
      data-field={field.name}
    >
      <Widget
        id={id}
        field={field}
        value={valueIn(field, settings)}
        invalid={error !== undefined}
        describedBy={described || undefined}
        nodeId={nodeId}
        change={(value) => change(field.name, sameValue(value, field.schema.default) ? undefined : value)}
        done={done}
      />
    </Input.Wrapper>
  );
}
