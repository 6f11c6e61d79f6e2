import { expect, test } from "vitest";
import { type Citation, citationLink, citationsOf } from "./citation";

const CITATION: Citation = {
  number: 1,
  knowledge: "9f3c",
  document_id: "41d0",
  chunk_id: "8a77",
  title: "Handbook",
  quote: "A card costs two euros.",
  score: 0.8,
  heading_path: ["Cards"],
  places: [],
};

test("a citation leads to its passage, wherever its document is", () => {
  expect(citationLink(CITATION)).toEqual({ to: "/knowledge/9f3c/documents/41d0?chunk=8a77", web: false });
  const bundled = { ...CITATION, knowledge: "bundled:town-library", document_id: "开放/时间.md" };
  expect(citationLink(bundled)?.to).toBe(
    `/knowledge/bundled/town-library/documents/${encodeURIComponent("开放/时间.md")}?chunk=8a77`,
  );
  const page = { ...CITATION, knowledge: "", document_id: "https://example.com/a" };
  expect(citationLink(page)).toEqual({ to: "https://example.com/a", web: true });
  expect(citationLink({ ...page, document_id: "javascript:alert(1)" })).toBeNull();
  expect(citationLink({ ...CITATION, document_id: "" })).toBeNull();
});

test("what is no citation is left out", () => {
  expect(citationsOf({ text: "x", citations: [CITATION, "no", null] })).toEqual([CITATION]);
  expect(citationsOf({ citations: "none" })).toEqual([]);
  expect(citationsOf(null)).toEqual([]);
});
