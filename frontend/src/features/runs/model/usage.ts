/** What steps used, in words: tokens, and cost where it is known. */
import { t, useLanguage } from "@/shared/i18n";
import { formatNumber } from "@/shared/lib/format";
import type { RunState } from "./events";

type Usage = Record<string, number>;

const COST = "cost_";

export function totalUsage(state: RunState): Usage {
  const sum: Usage = {};
  for (const step of Object.values(state.steps))
    for (const [name, count] of Object.entries(step.usage)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export function tokensOf(usage: Usage): number | undefined {
  const parts = [usage.prompt_tokens, usage.completion_tokens].filter((one) => one !== undefined);
  return usage.total_tokens ?? (parts.length ? parts.reduce((sum, one) => sum + one, 0) : undefined);
}

/** `$0.0012`; small amounts keep two digits that say something. */
function formatCost(amount: number, currency: string): string {
  const locale = useLanguage.getState().language === "zh" ? "zh-CN" : "en-GB";
  try {
    return new Intl.NumberFormat(locale, {
      style: "currency",
      currency: currency.toUpperCase(),
      currencyDisplay: "narrowSymbol",
      ...(amount !== 0 && Math.abs(amount) < 0.01 ? { maximumSignificantDigits: 2 } : {}),
    }).format(amount);
  } catch {
    return `${formatNumber(amount)} ${currency}`;
  }
}

/** The title and the amount of one count, as it is shown. */
export function usageWords(name: string, amount: number): [title: string, amount: string] {
  if (name.startsWith(COST)) return [t("Cost"), formatCost(amount, name.slice(COST.length))];
  const words = name.replaceAll("_", " ");
  return [t(words.charAt(0).toUpperCase() + words.slice(1)), formatNumber(amount)];
}

/** `340 tokens`, `$0.0012`: what fits on a line; `≈` where a call ended before it told what it used. */
export function usageBrief(usage: Usage): string[] {
  const tokens = tokensOf(usage);
  const costs = Object.entries(usage).filter(([name]) => name.startsWith(COST));
  const about = usage.estimated_calls ? "≈ " : "";
  return [
    ...(tokens === undefined ? [] : [t("{n} tokens", { n: formatNumber(tokens) })]),
    ...costs.map(([name, amount]) => usageWords(name, amount)[1]),
  ].map((words) => `${about}${words}`);
}
