import { existsSync, readdirSync, readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { readCatalogue, sentences } from "../../../scripts/i18n.mjs";
import { errorWords, setLanguage, t, tn, useLanguage } from ".";

beforeEach(() => localStorage.clear());

test("every sentence of the page has its Chinese", () => {
  const chinese = readCatalogue();
  const missing = [...sentences()].filter(([sentence]) => !chinese[sentence]?.trim());
  expect(missing, "run `node scripts/i18n.mjs` and add them with --add").toEqual([]);
});

const TEMPLATES = "../runtime/flowloft/templates";

test.runIf(existsSync(TEMPLATES))("every template has its Chinese", () => {
  const chinese = readCatalogue();
  const said = readdirSync(TEMPLATES)
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(`${TEMPLATES}/${file}`, "utf8")))
    .flatMap(({ title, description, tags }) => [title, description, ...tags]);
  expect(said.filter((sentence) => !chinese[sentence])).toEqual([]);
});

test("the Chinese keeps the variables of the English", () => {
  const variables = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  const said = sentences();
  const differing = Object.entries(readCatalogue()).filter(
    ([english, chinese]) => said.has(english) && variables(english).join() !== variables(chinese).join(),
  );
  expect(differing).toEqual([]);
});

test("the language is chosen, kept and given back to the system", async () => {
  await setLanguage("zh");
  expect(t("Runs")).toBe("运行记录");
  expect(tn(1, "{n} node", "{n} nodes")).toBe("1 个节点");
  expect(localStorage.getItem("flowloft.language")).toBe("zh");
  expect(document.documentElement.lang).toBe("zh-CN");
  await setLanguage(null);
  expect(useLanguage.getState()).toEqual({ language: "en", chosen: null });
  expect(tn(1, "{n} node", "{n} nodes")).toBe("1 node");
});

test("what has no Chinese falls back to English, and an error to its own message", async () => {
  await setLanguage("zh");
  expect(t("A title of a kind from elsewhere")).toBe("A title of a kind from elsewhere");
  expect(errorWords("never_heard_of")).toBeUndefined();
  expect(errorWords("wrong_password")).toBe("用户名或密码错误。");
  await setLanguage("en");
});
