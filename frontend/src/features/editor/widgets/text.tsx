import { TextInput } from "@mantine/core";
import type { WidgetProps } from "./widget";

export default function TextWidget({
  id,
  value,
  field,
  invalid,
  describedBy,
  label,
  placeholder,
  change,
  done,
}: WidgetProps) {
  return (
    <TextInput
      id={id}
      value={typeof value === "string" ? value : ""}
      error={invalid}
      maxLength={field.schema.maxLength}
      placeholder={placeholder}
      aria-label={label}
      aria-describedby={describedBy}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={done}
    />
  );
}
