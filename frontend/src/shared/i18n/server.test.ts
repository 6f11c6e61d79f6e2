import { afterEach, expect, test } from "vitest";
import { asApiError } from "@/shared/api";
import { setLanguage } from ".";
import { serverWords } from "./server";

afterEach(() => setLanguage("en"));

const SAID = [
  "It has a password, or is in the format of before 2007.",
  "Open it, save it without a password as .docx, .xlsx or .pptx, and add that.",
  "It is no whole PDF: Failed to load document (PDFium: Data format error).",
  "It is 45,678 bytes and would come to 1,073,741,824 in 3 files.",
  "Files like “a. b c.exe” can't be read.",
  "Left out, as it stands on most pages: “ACME report. Page 3”.",
  "“127.0.0.1” is an address inside this machine or network.",
  "The same content is here already as “folder/a file.md”.",
  "Read 4175 characters on 5 pages.",
  "Cut into 12 chunks (default: 5, 小块: 7).",
  "Made vectors of 5 chunks with builtin/use-multilingual.",
  "Only the first 200,000 cells were read, up to sheet 1.",
  "It has a password. Save it without a password and add that.",
  "weights.bin is a pickle checkpoint: loading it may run any code. Use a version of it that needs none.",
  "/data/models/x holds no config.json and no .gguf file.",
  "model-00001-of-2.safetensors ends too early: 5 bytes of 900.",
  "Rows that can't be used: 1. Correct them, or leave them out.",
  "“pods” does not see the files of this machine, where model and examples lie.",
  "Something went wrong in the studio (id 12ab34cd56ef).",
];

test("what is said of a document is told in Chinese, with its names and figures", async () => {
  expect(SAID.map(serverWords)).toEqual(SAID);
  await setLanguage("zh");
  const told = SAID.map((said) => serverWords(said));
  expect(
    told.filter((words) => !/[一-鿿]/.test(words) || /[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]/.test(words)),
  ).toEqual([
    // What a library says of a file stays as it said it.
    "PDF 不完整：Failed to load document (PDFium: Data format error).",
  ]);
  expect(told[4]).toContain("a. b c.exe");
  expect(told.at(-1)).toContain("12ab34cd56ef");
});

const REFUSED = {
  code: "provider_auth",
  message: "OpenAI (gpt-5) did not accept the key: Incorrect API key provided.",
  hint: "Check the key of the connection “work”.",
  extra: {},
};

test("an error of a run is told in Chinese with what is particular to it, else by its code", async () => {
  expect(asApiError(REFUSED).words).toBe(REFUSED.message);
  await setLanguage("zh");
  const { words, advice } = asApiError(REFUSED);
  expect(words).toBe("OpenAI (gpt-5) 不接受这个密钥：Incorrect API key provided.");
  expect(advice).toBe("请检查连接“work”的密钥。");
  expect(asApiError({ ...REFUSED, message: "New words of the vendor." }).words).toBe(
    "服务商不接受这个密钥。",
  );
  expect(serverWords("ValueError: bad topic (line 3)")).toBe("ValueError: bad topic (line 3)");
  expect(serverWords("The flow cannot run: The input “Draft” has no value.")).toBe(
    "流程无法运行：输入“Draft”没有值。",
  );
});
