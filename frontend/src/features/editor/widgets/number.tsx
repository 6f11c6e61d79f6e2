import { NumberInput } from "@mantine/core";
import type { WidgetProps } from "./widget";

export default function NumberWidget({
  id,
  value,
  field,
  invalid,
  describedBy,
  label,
  change,
  done,
}: WidgetProps) {
  const { minimum, maximum, multipleOf, type } = field.schema;
  return (
    <NumberInput
      id={id}
      value={typeof value === "number" ? value : ""}
      error={invalid}
      min={minimum}
      max={maximum}
      step={multipleOf ?? (type === "integer" ? 1 : 0.1)}
      allowDecimal={type !== "integer"}
      // What lies outside is kept and said to be wrong, rather than changed under the person's hands.
      clampBehavior="none"
      aria-label={label}
      aria-describedby={describedBy}
      onChange={(next) => change(next === "" ? (field.nullable ? null : undefined) : next)}
      onBlur={done}
    />
  );
}
