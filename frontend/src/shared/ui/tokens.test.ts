import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync("src/shared/ui/tokens.css", "utf8");

function tokens(scheme: "light" | "dark"): Record<string, string> {
  const block = css.split(`[data-mantine-color-scheme="${scheme}"] {`)[1]?.split("\n}")[0] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** WCAG AA: 4.5 for words, 3 for the edges of what can be used and for signs. */
const WORDS: [words: string, grounds: string][] = [
  ["ink", "paper surface raised sunken hover accent-soft spark-soft good-soft bad-soft note"],
  ["ink-soft", "paper surface raised sunken hover bad-soft"],
  ["ink-faint", "paper surface raised sunken"],
  ["accent-ink", "paper surface raised accent-soft"],
  ["on-accent", "accent accent-hover"],
  ["good", "paper surface raised"],
  ["bad", "paper surface raised bad-soft"],
  ["spark", "paper surface raised sunken spark-soft"],
  ["port-text", "raised"],
  ["port-number", "raised"],
];
const SIGNS: [sign: string, grounds: string][] = [
  ["line-field", "paper surface raised"],
  ["focus", "paper surface raised"],
];

describe.each(["light", "dark"] as const)("by %s", (scheme) => {
  const color = tokens(scheme);
  const cases = (pairs: [string, string][], least: number) =>
    pairs.flatMap(([front, backs]) => backs.split(" ").map((back) => [front, back, least] as const));

  test.each([...cases(WORDS, 4.5), ...cases(SIGNS, 3)])("%s on %s has contrast", (front, back, least) => {
    expect(contrast(color[front] ?? "", color[back] ?? "")).toBeGreaterThanOrEqual(least);
  });

  test("every type of port has a colour that stands out", () => {
    const ports = Object.keys(color).filter((name) => name.startsWith("port-"));
    expect(ports).toHaveLength(12);
    for (const port of ports)
      expect(contrast(color[port] ?? "", color.raised ?? ""), port).toBeGreaterThan(3);
  });
});
