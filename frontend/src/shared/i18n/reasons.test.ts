import { existsSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { setLanguage } from ".";
import { reasonWords } from "./reasons";

const FILE = "../tests/conformance/reasons.json";

afterEach(() => setLanguage("en"));

test.runIf(existsSync(FILE))("every reason of the runtime is told in Chinese", async () => {
  await setLanguage("zh");
  const reasons: string[] = JSON.parse(readFileSync(FILE, "utf8"));
  expect(reasons.length).toBeGreaterThan(20);
  const english = reasons.map(reasonWords).filter((words) => /[a-z]{2,} [a-z]{2,} [a-z]{2,}/.test(words));
  expect(english).toEqual([]);
});

test("a reason keeps its figures, and one that nobody knows stays as it is", async () => {
  const reason = "It does not fit 2 × 24.0 GiB. 1.5 GiB are left for 800 tokens; 4096 are needed.";
  expect(reasonWords(reason)).toBe(reason);
  await setLanguage("zh");
  expect(reasonWords(reason)).toContain("2 × 24.0 GiB");
  expect(reasonWords(reason)).toContain("4096");
  expect(reasonWords("Nobody has said this before. As asked for.")).toBe(
    "Nobody has said this before. 按要求。",
  );
  expect(reasonWords("lora: It needs a GPU.")).toBe("lora： 需要 GPU。");
});
