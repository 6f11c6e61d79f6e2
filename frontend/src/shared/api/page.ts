/** One page of a list; `next` and `previous` are addresses with a cursor in them. */
export interface CursorPage<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}
