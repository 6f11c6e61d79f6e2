import { expect, test } from "vitest";
import { blocks } from "./blocks";

const html = (text: string) =>
  blocks(text)
    .map((block) => ("html" in block ? block.html : block.code))
    .join("");

test.each([
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "[click](javascript:alert(1))",
  "<a href='java\nscript:alert(1)'>x</a>",
  "<iframe src=//example.org></iframe>",
  "<svg onload=alert(1)><style>*{}</style></svg>",
  "<form action=//example.org><input name=a></form>",
])("nothing that runs or loads comes through: %s", (text) => {
  expect(html(text)).not.toMatch(/<(script|img|iframe|svg|style|form|input)|on\w+=|javascript:/i);
});

test("a picture becomes a link: its address would be a message to its host", () => {
  const shown = html("![cat](https://example.org/cat.png?secret=1)");
  expect(shown).not.toContain("<img");
  expect(shown).toContain('rel="noopener noreferrer nofollow"');
});

test("code is kept apart with its language, and an unfinished fence shows what is there", () => {
  expect(blocks("Text\n\n```py\nprint(1)\n```")).toMatchObject([{}, { code: "print(1)", language: "py" }]);
  expect(blocks("```py\nprint(")).toMatchObject([{ code: "print(" }]);
});

test("a block that has ended stays the same while text is added", () => {
  const [first] = blocks("One\n\nTw");
  const [again] = blocks("One\n\nTwo **three**");
  expect(again).toEqual(first);
});
