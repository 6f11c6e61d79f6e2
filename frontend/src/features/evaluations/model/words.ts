/** What is written of scores. */
import { t } from "@/shared/i18n";
import { formatNumber } from "@/shared/lib/format";

/** Two decimals, so that columns stand; a dash where nothing was measured. */
export function scoreWords(score: number | null | undefined): string {
  return score === null || score === undefined ? "—" : score.toFixed(2);
}

export function deltaWords(delta: number | null): string {
  if (delta === null) return "—";
  const text = Math.abs(delta).toFixed(2);
  return text === "0.00" ? "±0" : `${delta > 0 ? "+" : "−"}${text}`;
}

export function versionWords(version: string): string {
  return version === "draft" ? t("Draft") : t("Version {n}", { n: version });
}

export function goodWords(good: number, of: number): string {
  return t("{n} of {of} good", { n: formatNumber(good), of: formatNumber(of) });
}
