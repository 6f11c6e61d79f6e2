/** Reading the JSON Schema of a kind's settings: fields in order, and what is wrong with a value. */
import type { FieldSchema, Kind, Settings } from "./types";

export interface Field {
  name: string;
  schema: FieldSchema;
  required: boolean;
  /** The value may be null (an optional setting in the kind's source). */
  nullable: boolean;
}

export interface Wrong {
  code: string;
  /** English sentence with {placeholders} for `values`; the page translates it. */
  message: string;
  values?: Record<string, string | number>;
}

/** Follows `$ref`, single `allOf` and `X | null`, so that a widget sees one plain schema. */
export function resolve(schema: FieldSchema, root: FieldSchema): { schema: FieldSchema; nullable: boolean } {
  let current = schema;
  let nullable = false;
  for (let depth = 0; depth < 8; depth++) {
    const options = current.anyOf ?? current.oneOf;
    const kept = options?.filter((option) => option.type !== "null");
    let inner: FieldSchema | undefined;
    if (current.$ref) inner = root.$defs?.[current.$ref.split("/").pop() ?? ""];
    else if (current.allOf?.length === 1) inner = current.allOf[0];
    else if (options && kept?.length === 1) {
      inner = kept[0];
      nullable ||= kept.length < options.length;
    }
    if (!inner) break;
    const { $ref: _ref, allOf: _all, anyOf: _any, oneOf: _one, ...own } = current;
    current = { ...inner, ...own };
  }
  return { schema: current, nullable };
}

const fieldsByKind = new WeakMap<Kind, Field[]>();

export function fieldsOf(kind: Kind): Field[] {
  const known = fieldsByKind.get(kind);
  if (known) return known;
  const root = kind.settings_schema;
  const fields = Object.entries(root.properties ?? {}).map(([name, raw]) => ({
    name,
    required: root.required?.includes(name) ?? false,
    ...resolve(raw, root),
  }));
  fieldsByKind.set(kind, fields);
  return fields;
}

/** What the form calls a setting and the parts of it that lead to the last step: a row of a list by its number. */
export function titlesOf(kind: Kind, steps: string[]): string[] {
  let schema: FieldSchema | undefined = kind.settings_schema;
  return steps.map((step) => {
    const plain = schema && resolve(schema, kind.settings_schema).schema;
    if (plain?.items && /^\d+$/.test(step)) {
      schema = plain.items;
      return String(Number(step) + 1);
    }
    const inner = plain?.properties?.[step];
    schema = inner;
    return (inner && resolve(inner, kind.settings_schema).schema.title) ?? step;
  });
}

/** The value in force: what is set, else the schema's default. */
export function valueIn(field: Field, settings: Settings): unknown {
  return field.name in settings ? settings[field.name] : field.schema.default;
}

/** Whether the field matters under the other settings. */
export function isVisible(field: Field, fields: Field[], settings: Settings): boolean {
  return Object.entries(field.schema["x-visible-when"] ?? {}).every(([name, wanted]) => {
    const other = fields.find((one) => one.name === name);
    const value = other ? valueIn(other, settings) : settings[name];
    return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
  });
}

export function wrongWith(field: Field, settings: Settings): Wrong | null {
  const value = valueIn(field, settings);
  if (value === undefined || (value === "" && field.required)) {
    return field.required ? { code: "required", message: "Needed: fill this in." } : null;
  }
  if (value === null) {
    const fits = field.nullable || (field.schema.type === undefined && !field.schema.enum);
    return fits ? null : { code: "required", message: "Needed: fill this in." };
  }
  return wrongValue(value, field.schema);
}

export function wrongValue(value: unknown, schema: FieldSchema): Wrong | null {
  const type = Array.isArray(schema.type) ? undefined : schema.type;
  if (schema.enum && !schema.enum.includes(value)) {
    return {
      code: "enum",
      message: "Choose one of: {choices}.",
      values: { choices: schema.enum.join(", ") },
    };
  }
  if (type === "string") return wrongText(value, schema);
  if (type === "number" || type === "integer") return wrongNumber(value, schema, type);
  if (type === "boolean" && typeof value !== "boolean") {
    return { code: "type", message: "On or off is expected." };
  }
  if (type === "array") return wrongList(value, schema);
  if (type === "object" && (typeof value !== "object" || value === null || Array.isArray(value))) {
    return {
      code: "type",
      message: "A record such as {example} is expected.",
      values: { example: '{"key": "value"}' },
    };
  }
  return null;
}

function wrongText(value: unknown, schema: FieldSchema): Wrong | null {
  if (typeof value !== "string") return { code: "type", message: "Text is expected." };
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    return value === ""
      ? { code: "required", message: "Needed: fill this in." }
      : { code: "short", message: "At least {count} characters.", values: { count: schema.minLength } };
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    return { code: "long", message: "At most {count} characters.", values: { count: schema.maxLength } };
  }
  if (schema.pattern !== undefined && !matches(schema.pattern, value)) {
    return {
      code: "pattern",
      message: "Does not fit the form {pattern}.",
      values: { pattern: schema.pattern },
    };
  }
  return null;
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true; // a Python-only pattern; the server checks it
  }
}

function wrongNumber(value: unknown, schema: FieldSchema, type: string): Wrong | null {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return { code: "type", message: "A number is expected." };
  }
  if (type === "integer" && !Number.isInteger(value)) {
    return { code: "type", message: "A whole number is expected." };
  }
  const low = schema.minimum ?? schema.exclusiveMinimum;
  if (low !== undefined && (value < low || (value === low && schema.minimum === undefined))) {
    return {
      code: "low",
      message: schema.minimum === undefined ? "Must be above {limit}." : "At least {limit}.",
      values: { limit: low },
    };
  }
  const high = schema.maximum ?? schema.exclusiveMaximum;
  if (high !== undefined && (value > high || (value === high && schema.maximum === undefined))) {
    return {
      code: "high",
      message: schema.maximum === undefined ? "Must be below {limit}." : "At most {limit}.",
      values: { limit: high },
    };
  }
  return null;
}

function wrongList(value: unknown, schema: FieldSchema): Wrong | null {
  if (!Array.isArray(value)) return { code: "type", message: "A list is expected." };
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    return { code: "few", message: "At least {count} entries.", values: { count: schema.minItems } };
  }
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return { code: "many", message: "At most {count} entries.", values: { count: schema.maxItems } };
  }
  return null;
}

/** The fields of a list's entries, where these are records. */
export function itemFields(schema: FieldSchema, root: FieldSchema): Field[] | null {
  if (schema.type !== "object" || !schema.properties) return null;
  return Object.entries(schema.properties).map(([name, raw]) => ({
    name,
    required: schema.required?.includes(name) ?? false,
    ...resolve(raw, root),
  }));
}

/** `is_not_empty` as `Is not empty`: a choice in words. */
export function spoken(choice: string): string {
  const words = choice.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
