/** JSON Patch (RFC 6902) from one draft to the next: what autosave sends. */

export interface Operation {
  op: "add" | "remove" | "replace";
  path: string;
  value?: unknown;
}

type Fields = Record<string, unknown>;

/** Skips what is the same object, so that the cost follows the change, not the document. */
export function diff(before: unknown, after: unknown): Operation[] {
  const operations: Operation[] = [];
  compare(before, after, "", operations);
  return operations;
}

function compare(before: unknown, after: unknown, path: string, out: Operation[]): void {
  if (Object.is(before, after)) return;
  if (isFields(before) && isFields(after)) {
    for (const key of Object.keys(before)) {
      if (!(key in after) || after[key] === undefined) {
        if (before[key] !== undefined) out.push({ op: "remove", path: `${path}/${escaped(key)}` });
      }
    }
    for (const [key, value] of Object.entries(after)) {
      if (value === undefined) continue;
      const at = `${path}/${escaped(key)}`;
      if (Object.hasOwn(before, key) && before[key] !== undefined) {
        compare(before[key], value, at, out);
      } else out.push({ op: "add", path: at, value });
    }
    return;
  }
  if (!sameValue(before, after)) out.push({ op: "replace", path, value: after });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, at) => sameValue(item, other[at]));
  }
  if (!isFields(one) || !isFields(other)) return false;
  const keys = Object.keys(one).filter((key) => one[key] !== undefined);
  const others = Object.keys(other).filter((key) => other[key] !== undefined);
  return (
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(other, key) && sameValue(one[key], other[key]))
  );
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
