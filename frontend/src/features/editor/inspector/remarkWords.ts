import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { portTitle } from "../canvas/portTitle";
import type { Remark } from "../model/validate";

/** A remark in the page's language. What the compiler says is known by its code. */
export function remarkWords(remark: Remark): { message: string; hint: string } {
  if (!remark.compiled) {
    const values = remark.port ? { ...remark.values, port: portTitle(remark.port) } : remark.values;
    return { message: t(remark.message, values), hint: remark.hint ? t(remark.hint) : "" };
  }
  return {
    message: known(`findings.${remark.code}`, named(remark)),
    hint: known(`findings.${remark.code}.hint`, remark.hint ?? ""),
  };
}

/** The sentence itself where it is known, with the names in it; else the one of its code. */
function known(key: string, sentence: string): string {
  const said = serverWords(sentence);
  if (said !== sentence) return said;
  const ofCode = t(key);
  return ofCode === key ? sentence : ofCode;
}

/** The sentence with the setting called as its form calls it. */
function named({ message, setting }: Remark): string {
  if (!setting) return message;
  const called = setting.titles.map((title) => t(title)).join(" › ");
  const whole = `“${setting.steps.join(".")}”`;
  return message.replace(message.includes(whole) ? whole : `“${setting.steps.at(-1)}”`, `“${called}”`);
}
