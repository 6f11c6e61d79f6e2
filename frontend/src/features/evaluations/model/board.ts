/** The leaderboard in an order, and the chart beside it. */
import type { SearchedField, Trial, WholeExperiment } from "../api/experiments";

export const SECONDS = "seconds";
const COST = "cost_";

/** `rank`, `score`, an axis such as `cost_usd`, or `value 0` of a setting. */
export interface Sorting {
  by: string;
  down: boolean;
}

/** What a trial took on an axis: mean seconds of a run, or the money of all its runs. */
export function figureOf(trial: Trial, axis: string): number | null {
  return axis === SECONDS ? trial.seconds : (trial.usage[axis] ?? null);
}

/** The currency of an axis of money. */
export function currencyOf(axis: string): string | null {
  return axis.startsWith(COST) ? axis.slice(COST.length).toUpperCase() : null;
}

/** Trials in an order; those that have no such figure stay at the end, whichever way it goes. */
export function sorted(trials: Trial[], { by, down }: Sorting): Trial[] {
  const key = (trial: Trial): unknown => {
    if (by === "rank") return trial.rank;
    if (by === "score") return trial.rank === null ? null : trial.score;
    const value = /^value (\d+)$/.exec(by);
    return value ? trial.values[Number(value[1])] : figureOf(trial, by);
  };
  return [...trials].sort((one, other) => {
    const [left, right] = [key(one), key(other)];
    if (left == null || right == null) return Number(left == null) - Number(right == null);
    return (down ? -1 : 1) * compared(left, right) || (one.rank ?? Infinity) - (other.rank ?? Infinity) || 0;
  });
}

function compared(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return words(one).localeCompare(words(other));
}

const words = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

export interface Dot {
  trial: Trial;
  x: number;
  y: number;
  front: boolean;
}

/** Where the measured trials stand on an axis, from left to right. */
export function dotsOf(trials: Trial[], axis: string): Dot[] {
  return trials
    .flatMap((trial) => {
      const x = figureOf(trial, axis);
      return trial.rank === null || trial.score === null || x === null
        ? []
        : [{ trial, x, y: trial.score, front: trial.front.includes(axis) }];
    })
    .sort((one, other) => one.x - other.x || one.y - other.y);
}

export interface Effect {
  setting: SearchedField;
  /** Mean score of the measured trials with each value; null where there are none. */
  means: { value: unknown; score: number | null }[];
}

/** What each value of a setting came to, over all that was combined with it; of settings with several only. */
export function effectsOf({ grid, trials }: WholeExperiment): Effect[] {
  return grid
    .map((setting, place) => ({
      setting,
      means: setting.values.map((value) => {
        const scores = trials
          .filter((one) => one.rank !== null && JSON.stringify(one.values[place]) === JSON.stringify(value))
          .flatMap((one) => (one.score === null ? [] : [one.score]));
        return {
          value,
          score: scores.length ? scores.reduce((sum, one) => sum + one, 0) / scores.length : null,
        };
      }),
    }))
    .filter(({ setting }) => setting.values.length > 1);
}
