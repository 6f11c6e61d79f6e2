import { t } from "@/shared/i18n";
import type { Remark } from "../model/validate";

/** A remark in the page's language. What the compiler says is known by its code. */
export function remarkWords(remark: Remark): { message: string; hint: string } {
  if (!remark.compiled) {
    return { message: t(remark.message, remark.values), hint: remark.hint ? t(remark.hint) : "" };
  }
  return {
    message: known(`findings.${remark.code}`, remark.message),
    hint: known(`findings.${remark.code}.hint`, remark.hint ?? ""),
  };
}

function known(key: string, otherwise: string): string {
  const said = t(key);
  return said === key ? otherwise : said;
}
