/** The typed way to the server: addresses, parameters and answers as the API's description has them. */
import createClient from "openapi-fetch";
import type { components, paths } from "@/generated/api";
import { readError } from "./error";
import { transport } from "./transport";

/** The shapes that the API's description names. */
export type Schemas = components["schemas"];

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: transport });

interface Called<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer to a call of `api`. Throws ApiError. */
export async function answer<T>(call: Promise<Called<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw readError(response.status, error);
  return data as T;
}

/** All pages of a list, in its order: for lists that are short by nature. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<Called<{ results: T[]; next?: string | null }>>,
): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const { results, next } = await answer(page(cursor));
    found.push(...results);
    cursor = cursorOf(next);
  } while (cursor);
  return found;
}

/** The cursor in the address of a list's next page. */
export function cursorOf(address: string | null | undefined): string | undefined {
  if (!address) return undefined;
  return new URL(address, window.location.origin).searchParams.get("cursor") ?? undefined;
}
