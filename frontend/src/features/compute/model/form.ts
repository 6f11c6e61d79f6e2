/** A form out of the JSON Schema of a backend's settings. */
export interface Field {
  name: string;
  title: string;
  description: string;
  kind: "text" | "secret" | "number" | "list" | "choice" | "switch";
  choices: string[];
  required: boolean;
  /** Few people need it: it stands folded away. */
  advanced: boolean;
  standard: unknown;
  low: number | undefined;
  high: number | undefined;
  /** Whether a number has no decimals. */
  whole: boolean;
}

interface Property {
  type?: string;
  title?: string;
  description?: string;
  enum?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  anyOf?: Property[];
  "x-widget"?: string;
  "x-advanced"?: boolean;
}

export type Settings = Record<string, unknown>;

export function fieldsOf(schema: Record<string, unknown>): Field[] {
  const properties = (schema.properties ?? {}) as Record<string, Property>;
  const required = (schema.required ?? []) as string[];
  return Object.entries(properties).map(([name, found]) => {
    const one = found.anyOf?.find((option) => option.type !== "null") ?? found;
    return {
      name,
      title: found.title ?? name,
      description: found.description ?? "",
      kind: kindOf(found, one),
      choices: one.enum ?? [],
      required: required.includes(name),
      advanced: found["x-advanced"] === true,
      standard: found.default,
      low: one.minimum,
      high: one.maximum,
      whole: one.type === "integer",
    };
  });
}

function kindOf(found: Property, one: Property): Field["kind"] {
  if (found["x-widget"] === "secret") return "secret";
  if (one.enum) return "choice";
  if (one.type === "integer" || one.type === "number") return "number";
  if (one.type === "array") return "list";
  if (one.type === "boolean") return "switch";
  return "text";
}

/** What is sent: what was left as it stands by itself is left out, a secret that was not typed too. */
export function settingsOf(fields: Field[], values: Settings): Settings {
  const sent: Settings = {};
  for (const { name, standard } of fields) {
    const value = values[name];
    if (value === undefined || value === "" || value === null || value === standard) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    sent[name] = value;
  }
  return sent;
}
