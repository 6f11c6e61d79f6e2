import { msg, t } from "@/shared/i18n";
import type { Port } from "../model/types";

/** A port's title in the page's language, or the name that the flow's author gave it. */
export function portTitle(port: Port): string {
  return port.own ? port.name : t(port.title);
}

const TYPES: string[] = [
  msg("text"),
  msg("message"),
  msg("messages"),
  msg("number"),
  msg("boolean"),
  msg("list"),
  msg("record"),
  msg("documents"),
  msg("embedding"),
  msg("file"),
  msg("model"),
  msg("any"),
];

/** What travels along a wire, in the page's language; a type that a newer runtime has stays as it is called. */
export function typeTitle(type: string): string {
  return TYPES.includes(type) ? t(type) : type;
}
