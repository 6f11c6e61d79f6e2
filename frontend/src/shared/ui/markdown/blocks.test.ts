import { expect, test } from "vitest";
import { blocks } from "./blocks";
import { highlight } from "./highlight";
import { math } from "./math";

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

test("formulas are drawn in all four ways of writing them, and money is money", () => {
  const drawn = (text: string) =>
    blocks(text, { math })
      .map((block) => ("html" in block ? block.html : block.code))
      .join("");
  for (const text of ["so $a^2$ is", "面积$a^2$是", "$$\na^2\n$$", "so \\(a^2\\) is", "\\[\na^2\n\\]"])
    expect(drawn(text)).toContain("katex");
  for (const text of ["from $5 to $10", "costs $5, then $10.", "`$a^2$`", "```\n\\(a\\)\n```", "US$ 5"])
    expect(drawn(text)).not.toContain("katex");
  expect(drawn("$\\href{javascript:alert(1)}{x}$")).not.toMatch(/href=.javascript/);
  expect(drawn('<span style="position:fixed" class="katex">x</span>')).not.toMatch(/style|class/);
});

test("a number in brackets is a citation only where there are some", () => {
  const [cited] = blocks("So it is [1], `[2]`, [3](https://example.org).", { citations: true });
  expect("html" in (cited ?? {}) && (cited as { html: string }).html).toMatch(
    /<sup><a href="#citation-1">1<\/a><\/sup>.*<code>\[2\]<\/code>.*href="https:\/\/example.org"/,
  );
  expect(html("So it is [1].")).toContain("[1]");
});

test("code is coloured by its language, and what is in it stays text", () => {
  expect(highlight("print('<b>')", "python")).toMatch(/hljs-string.*&lt;b&gt;/);
  expect(highlight("x", "no such language")).toBeUndefined();
});
