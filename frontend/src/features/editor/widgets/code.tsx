import { LazyCode } from "../code/LazyCode";
import type { WidgetProps } from "./widget";

export default function CodeWidget({ id, value, field, problem, describedBy, change, done }: WidgetProps) {
  return (
    <LazyCode
      id={id}
      language={String(field.schema["x-language"] ?? "text")}
      value={typeof value === "string" ? value : ""}
      problem={problem}
      describedBy={describedBy}
      change={change}
      done={done}
    />
  );
}
