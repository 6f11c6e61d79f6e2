/** What is written of scores, versions and settings. */
import { t, tn } from "@/shared/i18n";
import { formatDuration, formatMoney, formatNumber } from "@/shared/lib/format";
import type { Metric } from "../api/evaluations";
import type { SearchedField, Trial } from "../api/experiments";
import { currencyOf } from "./board";

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

/** A value of a setting in a line. */
export function valueWords(value: unknown, names?: Map<string, string>): string {
  if (value === null || value === undefined) return t("None");
  if (value === true) return t("Yes");
  if (value === false) return t("No");
  if (value === "") return t("Empty text");
  if (typeof value === "string") return names?.get(value) ?? value;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** What was tried, in a line: `Temperature × 2 · Model × 3`. */
export function gridWords(grid: SearchedField[]): string {
  return grid.map((one) => `${t(one.field_title)} × ${formatNumber(one.values.length)}`).join(" · ");
}

/** What a metric that asks a model asks besides the runs. */
export function judgeWords(metric: Metric | undefined, runs: number): string[] {
  if (!metric?.asks_a_model) return [];
  return [
    tn(runs, "and {n} question to the model that measures", "and {n} questions to the model that measures"),
  ];
}

/** What a setting is called: `Answer · Temperature`; the node's own title is never translated, its kind's is. */
export function settingWords({ node_title, field_title }: SearchedField): string {
  return `${t(node_title)} · ${t(field_title)}`;
}

/** The settings of a trial, each in a line. */
export function trialWords(trial: Trial, grid: SearchedField[], names: Map<string, string>): string[] {
  return grid.map((one, at) =>
    t("{name}: {value}", { name: t(one.field_title), value: cut(valueWords(trial.values[at], names)) }),
  );
}

const LONG = 80;
const cut = (text: string) => (text.length > LONG ? `${text.slice(0, LONG)}…` : text);

/** The title of an axis; its currency where there are several. */
export function axisTitle(axis: string, axes: string[]): string {
  const currency = currencyOf(axis);
  if (currency === null) return t("Time of a run");
  return axes.filter((one) => currencyOf(one) !== null).length > 1 ? `${t("Cost")} (${currency})` : t("Cost");
}

/** The title of the chart of an axis. */
export function chartTitle(axis: string, axes: string[]): string {
  const title = axisTitle(axis, axes);
  return t("Score over {axis}", { axis: title.charAt(0).toLowerCase() + title.slice(1) });
}

export function figureWords(figure: number | null, axis: string): string {
  if (figure === null) return "—";
  const currency = currencyOf(axis);
  return currency === null ? formatDuration(Math.max(0, figure)) : formatMoney(figure, currency);
}
