/** Numbers, times and sizes in the page's language. */
import { t, useLanguage } from "@/shared/i18n";

const locale = () => (useLanguage.getState().language === "zh" ? "zh-CN" : "en-GB");

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(value);
}

/** A large count in few letters: 135M in English, 1.35亿 in Chinese. */
export function formatCount(value: number): string {
  return new Intl.NumberFormat(locale(), { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** An amount of a currency; small ones keep three digits, as prices of tokens need them. */
export const CURRENCIES = ["USD", "CNY", "EUR", "GBP", "JPY"];

export function formatMoney(amount: number, currency: string): string {
  return new Intl.NumberFormat(locale(), {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    ...(amount > 0 && amount < 1
      ? { minimumFractionDigits: 2, maximumFractionDigits: 2 - Math.floor(Math.log10(amount)) }
      : { maximumFractionDigits: 2 }),
  }).format(amount);
}

/** `seconds` as `12 ms`, `3.4 s`, `2 min 5 s` or `1 h 3 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return t("{n} ms", { n: Math.round(seconds * 1000) });
  if (seconds < 60) return t("{n} s", { n: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("{min} min {s} s", { min: minutes, s: Math.round(seconds % 60) });
  return t("{h} h {min} min", { h: Math.floor(minutes / 60), min: minutes % 60 });
}

/** Clock time, with the date when it is not today. */
export function formatTime(at: Date | string | number): string {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale(), {
    ...(today ? {} : { month: "short", day: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  }).format(date);
}

/** Clock time alone, for the ticks of a chart; with the seconds where ticks are less than a minute apart. */
export function formatClock(at: number, seconds: boolean): string {
  return new Intl.DateTimeFormat(locale(), {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
  }).format(at);
}

/** Date and time to the second, for tooltips and `title`. */
export function formatInstant(at: Date | string | number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** `5 minutes ago`; under a minute `just now`. */
export function formatAgo(at: Date | string | number, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size)
      return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(
        Math.trunc(seconds / size),
        unit,
      );
  }
  return t("just now");
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return t("{n} B", { n: bytes });
  if (bytes < 1024 ** 2) return t("{n} KB", { n: (bytes / 1024).toFixed(1) });
  if (bytes < 1024 ** 3) return t("{n} MB", { n: (bytes / 1024 ** 2).toFixed(1) });
  return t("{n} GB", { n: (bytes / 1024 ** 3).toFixed(1) });
}
