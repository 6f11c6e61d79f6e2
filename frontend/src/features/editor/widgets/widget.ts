/** What a form widget gets, and which widget draws a field. One file beside this one is one widget. */
import type { ComponentType } from "react";
import type { Field } from "../model/schema";

export interface WidgetProps {
  /** Of the element that takes the focus; the label points at it. */
  id: string;
  field: Field;
  value: unknown;
  invalid: boolean;
  /** The line that what is wrong is said of, and what is said; for fields of several lines. */
  problem?: { line: number; message: string } | undefined;
  /** Ids of the description and the error. */
  describedBy: string | undefined;
  change(value: unknown): void;
  /** The field was left: what follows is another step of undo. */
  done(): void;
  /** Node the field belongs to. */
  nodeId: string;
  placeholder?: string;
  /** It is a part of a list's entry, not a setting by itself. */
  within?: boolean;
  /** Its name where no label points at it: one entry of a list. */
  label?: string;
}

const files = import.meta.glob<{ default: ComponentType<WidgetProps> }>("./*.tsx", { eager: true });
const widgets = new Map(Object.entries(files).map(([file, module]) => [file.slice(2, -4), module.default]));

export function widgetFor(field: Field): ComponentType<WidgetProps> {
  const widget = widgets.get(widgetName(field)) ?? widgets.get("json");
  if (!widget) throw new Error("The JSON widget is missing.");
  return widget;
}

function widgetName({ schema }: Field): string {
  const wanted = schema["x-widget"];
  if (wanted && widgets.has(wanted)) return wanted;
  if (schema.enum) return "select";
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "string") return "text";
  if (type === "boolean") return "switch";
  if (type === "number" || type === "integer") return "number";
  if (type === "array") return schema.items?.type === "array" ? "json" : "list";
  if (type === "object") return typeof schema.additionalProperties === "object" ? "key_value" : "json";
  return "json";
}
