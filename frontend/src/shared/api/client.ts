/** The one way to the server: same origin, CSRF token, one error shape. */
import { readError, unreachable } from "./error";
import { reached } from "./reach";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Sent {
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Goes on its way although the page is being left; at most 64 KiB. */
  keepalive?: boolean;
}

interface Answer<T> {
  data: T;
  etag: string | null;
}

let csrfToken = "";

/** Kept from `GET session`, for every request that changes something. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export function withQuery(path: string, query: Sent["query"] = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** `path` is relative to `/api/v1/`. Throws ApiError. */
export async function send<T>(method: Method, path: string, sent: Sent = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json", ...sent.headers };
  if (sent.body !== undefined) headers["Content-Type"] ??= "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken;
  let response: Response;
  try {
    response = await fetch(`/api/v1/${withQuery(path, sent.query)}`, {
      method,
      headers,
      body: sent.body === undefined ? undefined : JSON.stringify(sent.body),
      signal: sent.signal,
      keepalive: sent.keepalive,
      credentials: "same-origin",
    });
  } catch (thrown) {
    if (sent.signal?.aborted) throw thrown;
    reached(false);
    throw unreachable();
  }
  const body = await readBody(response);
  // A proxy in front of a server that is away answers for it, in words that are not ours.
  reached(response.status < 502 || body !== undefined);
  if (!response.ok) throw readError(response.status, body);
  return { data: body as T, etag: response.headers.get("ETag") };
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
