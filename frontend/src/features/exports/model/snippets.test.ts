import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { type Call, exampleInputs, snippet } from "./snippets";

const ODD = 'it\'s "odd"\n$HOME `id` \\ 你好';
const call: Call = {
  server: "http://127.0.0.1:1",
  flowId: "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
  version: "draft",
  inputs: { text: ODD, on: true, off: false, none: null, list: [1, { a: [] }] },
};

test("a shell sends exactly the inputs, whatever they hold", () => {
  const script = `curl() { printf '%s' "\${@: -1}"; }\n${snippet("curl", call)}`;
  const sent = execFileSync("bash", ["-c", script], { encoding: "utf8" });
  expect(JSON.parse(sent)).toEqual({ version: "draft", inputs: call.inputs });
});

test("Python sends exactly the inputs", () => {
  const source = snippet("python", call);
  const script = [
    "import ast, json, sys",
    "call = ast.parse(sys.argv[1]).body[2].value",
    "given = {one.arg: one.value for one in call.keywords}",
    "print(json.dumps(ast.literal_eval(given['json'])))",
  ].join("\n");
  const sent = execFileSync("python3", ["-c", script, source], { encoding: "utf8" });
  expect(JSON.parse(sent)).toEqual({ version: "draft", inputs: call.inputs });
});

test("JavaScript sends exactly the inputs", async () => {
  const source = snippet("javascript", call);
  let sent = "";
  const fetched = async (_: string, { body }: { body: string }) => {
    sent = body;
    return { ok: true, json: async () => ({}) };
  };
  const run = new Function("fetch", "process", "console", `return (async () => {${source}})()`);
  await run(fetched, { env: {} }, { log: () => undefined });
  expect(JSON.parse(sent)).toEqual({ version: "draft", inputs: call.inputs });
});

test("the inputs are those of the flow, each with a value of its type", () => {
  const Inputs = {
    properties: {
      text: { type: "string" },
      count: { type: "number" },
      tone: { type: "string", default: "kind" },
      history: { type: "array" },
    },
    required: ["count", "text"],
  };
  expect(exampleInputs({ components: { schemas: { Inputs } } }, "Hello")).toEqual({
    text: "Hello",
    count: 1,
    tone: "kind",
  });
  expect(exampleInputs({}, "Hello")).toEqual({});
});
