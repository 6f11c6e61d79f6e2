/** What of a flow can be tried out, and what of it a person has chosen to try. */
import {
  type Catalogue,
  type Field,
  type FlowDocument,
  fieldsOf,
  indexOf,
  isVisible,
  kindOf,
  sameValue,
  valueIn,
  wrongValue,
} from "@/features/editor";
import { t } from "@/shared/i18n";
import type { SearchedField } from "../api/experiments";

/** A node with the settings that can be tried out. */
export interface Variable {
  /** Its id; one inside a container as `container/node`. */
  node: string;
  title: string;
  settings: { field: Field; now: unknown }[];
}

/** One setting of the grid, as it is being written: without a node or a field, nothing is chosen yet. */
export interface Axis {
  key: number;
  node: string | null;
  field: string | null;
  /** `undefined` is a place that is not filled in yet. */
  values: unknown[];
}

/** Which of them are wired or named elsewhere in the flow: another value of it would not be the same flow. */
const BOUND = new Set(["flow", "flow_version", "ports", "secret_reference"]);

export function variablesOf(document: FlowDocument, catalogue: Catalogue): Variable[] {
  const index = indexOf(document);
  const titleOf = (id: string) => {
    const node = index.nodes.get(id)?.node;
    return node?.title || t(kindOf(catalogue, node?.kind ?? "")?.title ?? id);
  };
  const found: Variable[] = [];
  for (const { id, node, chain } of index.nodes.values()) {
    const kind = kindOf(catalogue, node.kind);
    if (!kind || kind.role === "note" || node.disabled) continue;
    const fields = fieldsOf(kind);
    const settings = fields
      .filter(
        (field) =>
          isVisible(field, fields, node.settings ?? {}) &&
          !node.wired?.includes(field.name) &&
          !BOUND.has(field.schema["x-widget"] ?? ""),
      )
      .map((field) => ({ field, now: valueIn(field, node.settings ?? {}) }));
    if (settings.length)
      found.push({
        node: [...chain, id].join("/"),
        title: [...chain, id].map(titleOf).join(" › "),
        settings,
      });
  }
  return numbered(found);
}

/** Nodes of one title are told apart by a number. */
function numbered(found: Variable[]): Variable[] {
  const seen = new Map<string, number>();
  const many = new Set(
    found
      .filter((one, at) => found.findIndex((other) => other.title === one.title) !== at)
      .map((one) => one.title),
  );
  return found.map((one) => {
    if (!many.has(one.title)) return one;
    const number = (seen.get(one.title) ?? 0) + 1;
    seen.set(one.title, number);
    return { ...one, title: `${one.title} (${number})` };
  });
}

/** How the values of a setting are given: ticked among a few, as numbers in one line, or each in a form of its own. */
export function givenAs({ schema }: Field): "choices" | "numbers" | "forms" {
  if (schema.enum || schema.type === "boolean") return "choices";
  if (schema.type === "number" || schema.type === "integer") return "numbers";
  return "forms";
}

/** The setting as a single value of it is written here, outside the editor: no wires are at hand, and no drawing. */
export function formField(field: Field): Field {
  const { schema } = field;
  const widget = schema["x-widget"];
  if (widget === "template") return { ...field, schema: { ...schema, "x-widget": "textarea" } };
  if (widget === "list" || (schema.type === "array" && !widget))
    return { ...field, schema: { ...schema, "x-widget": "json" } };
  return field;
}

/** `0.5` of what was typed; what is no number stays text, so that it can be put right. */
export function numberOf(text: string): unknown {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return trimmed === "" || !Number.isFinite(number) ? text : number;
}

export function filled(axis: Axis): unknown[] {
  return axis.values.filter((value) => value !== undefined);
}

export function isComplete(axis: Axis): boolean {
  return axis.node !== null && axis.field !== null && filled(axis).length > 0;
}

/** By place, what is wrong with the values of a setting. */
export function wrongIn(axis: Axis, field: Field): Map<number, string> {
  const wrong = new Map<number, string>();
  axis.values.forEach((value, at) => {
    if (value === undefined) return;
    const found = value === null && field.nullable ? null : wrongValue(value, field.schema);
    if (found) wrong.set(at, t(found.message, found.values));
    else if (axis.values.slice(0, at).some((other) => sameValue(other, value)))
      wrong.set(at, t("The same value stands in the list twice."));
  });
  return wrong;
}

export function gridOf(axes: Axis[]) {
  return axes
    .filter(isComplete)
    .map((axis) => ({ node: axis.node ?? "", field: axis.field ?? "", values: filled(axis) }));
}

/** All combinations of what is complete; 0 where nothing is. */
export function combinations(axes: Axis[]): number {
  const complete = axes.filter(isComplete);
  return complete.length ? complete.reduce((product, axis) => product * filled(axis).length, 1) : 0;
}

/** Of the path of a refusal, such as `/grid/1/values/2`: of which setting of the grid, and of which value of it. */
export function placeIn(path: string | undefined): { axis: number; value: number | null } | null {
  const found = /^\/grid\/(\d+)(?:\/values\/(\d+))?/.exec(path ?? "");
  return found ? { axis: Number(found[1]), value: found[2] === undefined ? null : Number(found[2]) } : null;
}

/** The settings of an experiment, to be tried again. */
export function axesOf(grid: SearchedField[]): Axis[] {
  return grid.map(({ node, field, values }, key) => ({ key, node, field, values }));
}
