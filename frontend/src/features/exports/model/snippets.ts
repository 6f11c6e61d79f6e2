/** Calls of one flow as programs write them, to be copied. */

export type Language = "curl" | "python" | "javascript";

export interface Call {
  /** Where the studio is, without a slash at the end. */
  server: string;
  flowId: string;
  version: string;
  inputs: Record<string, unknown>;
}

/** Seconds that the call waits for the answer. */
const WAIT = 60;

export function snippet(language: Language, call: Call): string {
  const url = `${call.server}/api/v1/flows/${call.flowId}/runs`;
  const body = { version: call.version, inputs: call.inputs };
  if (language === "curl") return curl(url, body);
  return language === "python" ? python(url, body) : javascript(url, body);
}

function curl(url: string, body: unknown): string {
  const data = JSON.stringify(body, null, 2).replaceAll("'", `'\\''`);
  return [
    `curl '${url}' \\`,
    `  -H "Authorization: Bearer $FLOWLOFT_TOKEN" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -H 'Prefer: wait=${WAIT}' \\`,
    `  -d '${data}'`,
    "",
  ].join("\n");
}

function python(url: string, body: unknown): string {
  return [
    "import os",
    "",
    "import httpx",
    "",
    "answer = httpx.post(",
    `    ${JSON.stringify(url)},`,
    `    headers={"Authorization": f"Bearer {os.environ['FLOWLOFT_TOKEN']}", "Prefer": "wait=${WAIT}"},`,
    `    json=${literal(body, 1)},`,
    `    timeout=${WAIT + 10},`,
    ")",
    "answer.raise_for_status()",
    "run = answer.json()",
    'print(run["outputs"] if run["status"] == "succeeded" else run["error"])',
    "",
  ].join("\n");
}

function javascript(url: string, body: unknown): string {
  const data = JSON.stringify(body, null, 2).replaceAll("\n", "\n  ");
  return [
    `const answer = await fetch(${JSON.stringify(url)}, {`,
    '  method: "POST",',
    "  headers: {",
    '    Authorization: "Bearer " + process.env.FLOWLOFT_TOKEN,',
    '    "Content-Type": "application/json",',
    `    Prefer: "wait=${WAIT}",`,
    "  },",
    `  body: JSON.stringify(${data}),`,
    "});",
    "const run = await answer.json();",
    "if (!answer.ok) throw new Error(run.message);",
    'console.log(run.status === "succeeded" ? run.outputs : run.error);',
    "",
  ].join("\n");
}

/** JSON as Python writes it. JSON strings are Python strings, but for half a surrogate pair. */
function literal(value: unknown, depth: number): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = "    ".repeat(depth + 1);
  const list = Array.isArray(value);
  const entries = list
    ? value.map((one) => `${inner}${literal(one, depth + 1)},`)
    : Object.entries(value).map(
        ([key, one]) => `${inner}${JSON.stringify(key)}: ${literal(one, depth + 1)},`,
      );
  const [open, close] = list ? "[]" : "{}";
  if (entries.length === 0) return `${open}${close}`;
  return [open, ...entries, `${"    ".repeat(depth)}${close}`].join("\n");
}

interface Field {
  type?: string;
  default?: unknown;
  description?: string;
}

/** The part of a flow's description that says what goes in. */
export interface Described {
  components?: { schemas?: { Inputs?: { properties?: Record<string, Field>; required?: string[] } } };
}

/** A value for every input: what it has by default, else one of its type. What may be left out, is. */
export function exampleInputs(described: Described, say: string): Record<string, unknown> {
  const { properties = {}, required = [] } = described.components?.schemas?.Inputs ?? {};
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name, field]) => required.includes(name) || field.default !== undefined)
      .map(([name, field]) => [name, field.default ?? example(field, say)]),
  );
}

function example({ type, description }: Field, say: string): unknown {
  if (type === "number") return 1;
  if (type === "boolean") return true;
  if (type === "array") return [];
  if (type === "object") return {};
  return description && type === undefined ? description : say;
}
