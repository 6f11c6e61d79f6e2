import { t } from "@/shared/i18n";
import type { Port } from "../model/types";

/** A port's title in the page's language, or the name that the flow's author gave it. */
export function portTitle(port: Port): string {
  return port.own ? port.name : t(port.title);
}
