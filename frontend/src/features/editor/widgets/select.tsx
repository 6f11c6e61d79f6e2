import { Select } from "@mantine/core";
import { t } from "@/shared/i18n";
import { spoken } from "../model/schema";
import type { WidgetProps } from "./widget";

export default function SelectWidget({
  id,
  value,
  field,
  invalid,
  describedBy,
  label,
  change,
  done,
}: WidgetProps) {
  const choices = (field.schema.enum ?? []).map(String);
  return (
    <Select
      id={id}
      data={choices.map((choice) => ({ value: choice, label: t(spoken(choice)) }))}
      value={value === undefined || value === null ? null : String(value)}
      error={invalid}
      searchable={choices.length > 8}
      clearable={field.nullable}
      allowDeselect={false}
      aria-label={label}
      aria-describedby={describedBy}
      onChange={(next) => {
        change(next === null ? null : (field.schema.enum?.find((one) => String(one) === next) ?? next));
        done();
      }}
    />
  );
}
