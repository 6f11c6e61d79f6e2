import { Textarea } from "@mantine/core";
import type { WidgetProps } from "./widget";

export default function TextareaWidget({
  id,
  value,
  invalid,
  describedBy,
  label,
  placeholder,
  change,
  done,
}: WidgetProps) {
  return (
    <Textarea
      id={id}
      autosize
      minRows={3}
      maxRows={16}
      value={typeof value === "string" ? value : ""}
      error={invalid}
      placeholder={placeholder}
      aria-label={label}
      aria-describedby={describedBy}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={done}
    />
  );
}
