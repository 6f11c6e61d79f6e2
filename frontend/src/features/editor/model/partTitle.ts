/** What forms call the parts of a node, and the values in them, in the page's language. */
import { msg, t } from "@/shared/i18n";
import { fieldsOf, spoken } from "./schema";
import type { Kind } from "./types";

const PARTS: Record<string, string> = {
  kind: msg("Kind"),
  title: msg("Title"),
  disabled: msg("Disabled"),
  on_error: msg("When it fails"),
  default: msg("Value"),
  retry: msg("Attempts"),
  timeout: msg("Time limit"),
  cache: msg("Always run it anew"),
  wired: msg("From a wire"),
};

/** A setting as its form calls it; a part that every node has as the panel does. */
export function partTitle(kind: Kind | undefined, name: string): string {
  const field = kind && fieldsOf(kind).find((one) => one.name === name);
  return t(field?.schema.title ?? PARTS[name] ?? name);
}

/** The value as the form shows it; a list or a record as JSON. */
export function partValue(kind: Kind | undefined, name: string, value: unknown): string {
  if (value === undefined) return "";
  const field = kind && fieldsOf(kind).find((one) => one.name === name);
  if (field?.schema.enum?.includes(value)) return t(spoken(String(value)));
  if (typeof value === "boolean") return value ? t("Yes") : t("No");
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}
