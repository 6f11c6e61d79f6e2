import { expect, test } from "vitest";
import type { Catalogue, FlowDocument } from "@/features/editor";
import {
  type Axis,
  combinations,
  formField,
  givenAs,
  gridOf,
  numberOf,
  placeIn,
  variablesOf,
  wrongIn,
} from "./grid";

const properties = {
  model: { type: "string", title: "Model", "x-widget": "model" },
  temperature: { anyOf: [{ type: "number", minimum: 0, maximum: 2 }, { type: "null" }], default: null },
  mode: { enum: ["fast", "slow"], default: "fast" },
  style: { type: "string", "x-visible-when": { mode: "slow" } },
  key: { type: "string", "x-widget": "secret_reference" },
  prompt: { type: "string", "x-widget": "template", default: "" },
};
const kind = (key: string, more: object = {}) => ({
  ...{ key, title: key, description: "", group: "", icon: "", version: 1 },
  ...{ inputs: [], outputs: [], body: false, settings_schema: { properties } },
  ...more,
});
const catalogue = {
  kinds: [kind("ask"), kind("loop", { settings_schema: {}, title: "Loop" }), kind("note", { role: "note" })],
} as unknown as Catalogue;
const node = (kind: string, more: object = {}) => ({ kind, settings: {}, ...more });
const flow = {
  graph: {
    nodes: {
      one: node("ask", { title: "Answer", wired: ["prompt"] }),
      two: node("ask", { title: "Answer", disabled: true }),
      remark: node("note"),
      loop: node("loop", {
        body: { nodes: { inner: node("ask", { settings: { temperature: 0.5 } }) }, edges: {} },
      }),
    },
    edges: {},
  },
} as unknown as FlowDocument;

const [outer, inner] = variablesOf(flow, catalogue);
const field = (name: string) => {
  const found = inner?.settings.find((one) => one.field.name === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found.field;
};
const axis = (values: unknown[], name = "temperature"): Axis => ({
  key: 0,
  node: "loop/inner",
  field: name,
  values,
});

test("what matters in the flow can be tried, and what is wired, hidden, secret or switched off can't", () => {
  expect([outer?.node, outer?.title]).toEqual(["one", "Answer"]);
  expect(outer?.settings.map((one) => one.field.name)).toEqual(["model", "temperature", "mode"]);
  expect([inner?.node, inner?.title]).toEqual(["loop/inner", "Loop › ask"]);
  expect(inner?.settings.map(({ field: { name }, now }) => [name, now])).toEqual([
    ["model", undefined],
    ["temperature", 0.5],
    ["mode", "fast"],
    ["prompt", ""],
  ]);
});

test("nodes of one name are told apart", () => {
  const twice = {
    graph: { nodes: { a: node("ask"), b: node("ask") }, edges: {} },
  } as unknown as FlowDocument;
  expect(variablesOf(twice, catalogue).map((one) => one.title)).toEqual(["ask (1)", "ask (2)"]);
});

test("each setting is given in the way that fits it", () => {
  expect(["mode", "temperature", "prompt"].map((name) => givenAs(field(name)))).toEqual([
    "choices",
    "numbers",
    "forms",
  ]);
  expect(formField(field("prompt")).schema["x-widget"]).toBe("textarea");
  expect([numberOf(" 0.50 "), numberOf("0,5"), numberOf("")]).toEqual([0.5, "0,5", ""]);
});

test("a value that does not fit is told at its place, before the server is asked", () => {
  expect([...wrongIn(axis([0, null, 3, "x", 0]), field("temperature")).keys()]).toEqual([2, 3, 4]);
  expect([...wrongIn(axis([0, null, undefined, undefined]), field("temperature")).keys()]).toEqual([]);
});

test("what is not filled in yet is neither counted nor sent", () => {
  const axes = [axis([0, 1, undefined]), { ...axis(["fast"], "mode"), key: 1 }, { ...axis([]), key: 2 }];
  expect(combinations(axes)).toBe(2);
  expect(gridOf(axes)).toEqual([
    { node: "loop/inner", field: "temperature", values: [0, 1] },
    { node: "loop/inner", field: "mode", values: ["fast"] },
  ]);
  expect(combinations([])).toBe(0);
});

test("a refusal leads to its setting", () => {
  expect(placeIn("/grid/1/values/2/0")).toEqual({ axis: 1, value: 2 });
  expect(placeIn("/grid/0/field")).toEqual({ axis: 0, value: null });
  expect(placeIn("/grid")).toBeNull();
  expect(placeIn(undefined)).toBeNull();
});
