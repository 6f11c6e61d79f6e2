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
  | { kind: "json" };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isMessage = (value: unknown): value is Message =>
  isRecord(value) && typeof value.role === "string" && typeof value.content === "string";

export function shapeOf(value: unknown): Shape {
  if (typeof value === "string") return { kind: "text", text: value };
  if (Array.isArray(value) && value.length && value.every(isMessage))
    return { kind: "messages", messages: value };
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
