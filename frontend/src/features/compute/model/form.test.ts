import { expect, it } from "vitest";
import { fieldsOf, settingsOf } from "./form";

const SCHEMA = {
  properties: {
    host: { type: "string", title: "Host" },
    port: { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null, title: "Port" },
    token: { type: "string", "x-widget": "secret", default: "" },
    options: { type: "array", items: { type: "string" }, "x-advanced": true },
    priority: { enum: ["NORMAL", "HIGH"], type: "string", default: "NORMAL" },
  },
  required: ["host"],
};

it("draws each setting with the field that fits it", () => {
  expect(fieldsOf(SCHEMA).map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ["host", "text", true],
    ["port", "number", false],
    ["token", "secret", false],
    ["options", "list", false],
    ["priority", "choice", false],
  ]);
  expect(
    fieldsOf(SCHEMA)
      .filter(({ advanced }) => advanced)
      .map(({ name }) => name),
  ).toEqual(["options"]);
});

it("sends what was set and leaves a secret that was not typed where it is", () => {
  const values = { host: "lab", port: "", token: "", options: [], priority: "NORMAL" };
  expect(settingsOf(fieldsOf(SCHEMA), values)).toEqual({ host: "lab" });
  expect(settingsOf(fieldsOf(SCHEMA), { ...values, port: 22, token: "t" })).toEqual({
    host: "lab",
    port: 22,
    token: "t",
  });
});
