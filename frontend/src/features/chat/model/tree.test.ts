import { expect, test } from "vitest";
import { refusal } from "./attach";
import { branch, leaf } from "./tree";

const line = (id: string, parent: string | null) => ({ id, parent });
const said = [
  line("q1", null),
  line("a1", "q1"),
  line("q2", "a1"),
  line("a2", "q2"),
  line("q2b", "a1"),
  line("a2b", "q2b"),
];

const shown = (head: string | null) => branch(said, head).map(({ message }) => message.id);

test("the branch in view leads to its last message, and nothing of the others shows", () => {
  expect(shown("a2")).toEqual(["q1", "a1", "q2", "a2"]);
  expect(shown("a2b")).toEqual(["q1", "a1", "q2b", "a2b"]);
  expect(branch(said, "a2")[2]?.beside.map((one) => one.id)).toEqual(["q2", "q2b"]);
});

test("an answer that has just come is in view, and a chat whose place is lost shows its newest", () => {
  expect(shown("q2")).toEqual(["q1", "a1", "q2", "a2"]);
  expect(shown(null)).toEqual(["q1", "a1", "q2b", "a2b"]);
  expect(shown("gone")).toEqual(["q1", "a1", "q2b", "a2b"]);
  expect(branch([], null)).toEqual([]);
});

test("going to another branch goes to its newest end", () => {
  expect(leaf(said, "q2")).toBe("a2");
  expect(leaf([...said, line("q3", "a2"), line("q3b", "a2")], "q2")).toBe("q3");
});

test("what a flow does not take is refused with the reason", () => {
  const cat = { name: "cat.png", type: "image/png", size: 10 };
  const report = { name: "Report.PDF", type: "application/pdf", size: 10 };
  expect(refusal(cat, "pictures")).toBeUndefined();
  expect(refusal(cat, "documents")).toContain("documents only");
  expect(refusal(report, "documents")).toBeUndefined();
  expect(refusal(report, "pictures")).toContain("pictures only");
  expect(refusal({ ...report, name: "a.exe" }, "all")).toContain("a.exe");
  expect(refusal({ ...report, size: 21 * 1024 * 1024 }, "all")).toContain("at most");
  expect(refusal({ ...report, size: 0 }, "all")).toContain("empty");
});
