/** What kind of thing a value of a port is, for showing it. */
export interface Message {
  role: string;
  content: string;
}

export type Shape =
  | { kind: "text"; text: string }
  | { kind: "clipped"; text: string; bytes: number }
  | { kind: "stream" }
  | { kind: "messages"; messages: Message[] }
  | { kind: "table"; columns: string[]; rows: Record<string, unknown>[] }
  | { kind: "image"; source: string }
  | { kind: "json" };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isMessage = (value: unknown): value is Message =>
  isRecord(value) && typeof value.role === "string" && typeof value.content === "string";

const IMAGE = /^data:image\/(png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+$/;

/** Rows of plain values with names in common; a tree shows anything deeper better. */
function tableOf(value: unknown[]): Shape | null {
  if (value.length === 0 || !value.every(isRecord)) return null;
  const columns = [...new Set(value.slice(0, 50).flatMap((row) => Object.keys(row)))];
  const flat = value
    .slice(0, 50)
    .every((row) => Object.values(row).every((cell) => typeof cell !== "object" || cell === null));
  return flat && columns.length > 0 && columns.length <= 12 ? { kind: "table", columns, rows: value } : null;
}

export function shapeOf(value: unknown): Shape {
  if (typeof value === "string")
    return IMAGE.test(value.slice(0, 200_000)) || (value.length > 200_000 && value.startsWith("data:image/"))
      ? { kind: "image", source: value }
      : { kind: "text", text: value };
  if (Array.isArray(value) && value.length && value.every(isMessage))
    return { kind: "messages", messages: value };
  const table = Array.isArray(value) ? tableOf(value) : null;
  if (table) return table;
  if (!isRecord(value)) return { kind: "json" };
  if (value.$stream === true) return { kind: "stream" };
  if (typeof value.$text === "string") return { kind: "text", text: value.$text };
  const clipped = value.$clipped;
  if (isRecord(clipped))
    return { kind: "clipped", text: String(clipped.preview ?? ""), bytes: Number(clipped.bytes ?? 0) };
  return { kind: "json" };
}

export function asText(value: unknown): string {
  const shape = shapeOf(value);
  return shape.kind === "text" || shape.kind === "clipped"
    ? shape.text
    : (JSON.stringify(value, null, 2) ?? "");
}
