/** The untyped way to the server, with the answer's headers: for what needs an ETag. */
import { readError } from "./error";
import { transport } from "./transport";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Sent {
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Lets it arrive although the page is being left. */
  keepalive?: boolean;
}

interface Answer<T> {
  data: T;
  etag: string | null;
}

function withQuery(path: string, query: Sent["query"] = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** `path` is relative to `/api/v1/`. Throws ApiError. */
export async function send<T>(method: Method, path: string, sent: Sent = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json", ...sent.headers };
  if (sent.body !== undefined) headers["Content-Type"] ??= "application/json";
  const address = new URL(`/api/v1/${withQuery(path, sent.query)}`, window.location.origin);
  const body = sent.body === undefined ? undefined : JSON.stringify(sent.body);
  const response = await transport(
    new Request(address, { method, headers, body, signal: sent.signal, keepalive: sent.keepalive }),
  );
  const data = await readBody(response);
  if (!response.ok) throw readError(response.status, data);
  return { data: data as T, etag: response.headers.get("ETag") };
}

export async function get<T>(path: string, query?: Sent["query"], signal?: AbortSignal): Promise<T> {
  return (await send<T>("GET", path, { query, signal })).data;
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
