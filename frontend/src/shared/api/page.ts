/** One page of a list; `next` and `previous` are addresses with a cursor in them. */
export interface CursorPage<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}

export function cursorOf(address: string | null | undefined): string | undefined {
  if (!address) return undefined;
  return new URL(address, window.location.origin).searchParams.get("cursor") ?? undefined;
}
