import { describe, expect, it } from "vitest";
import { rowsSent } from "./chosen";

const rows = [
  { number: 3, expected: "three" },
  { number: 8, expected: "eight" },
];

describe("what becomes examples", () => {
  it("names no row where all bad ones are meant, so that those beyond the page go along", () => {
    expect(rowsSent(rows, { 3: "three" }, true)).toBeNull();
  });

  it("keeps an answer that was put right, and sends no other", () => {
    expect(rowsSent(rows, { 8: "8", 3: "three" }, true)).toEqual([{ number: 3 }, { number: 8, answer: "8" }]);
  });

  it("names the rows that were chosen", () => {
    expect(rowsSent(rows.slice(1), {}, false)).toEqual([{ number: 8 }]);
  });
});
