import { LazyCode } from "../code/LazyCode";
import type { WidgetProps } from "./widget";

export default function CodeWidget({ id, value, field, describedBy, change, done }: WidgetProps) {
  return (
    <LazyCode
      id={id}
      language={String(field.schema["x-language"] ?? "text")}
      value={typeof value === "string" ? value : ""}
      describedBy={describedBy}
      change={change}
      done={done}
    />
  );
}
