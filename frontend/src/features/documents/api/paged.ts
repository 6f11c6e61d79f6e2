/** Rows of a long list, asked for page by page as they come into sight. */
import { type QueryKey, useQueries } from "@tanstack/react-query";

const PAGE = 100;

export interface Page<Row> {
  count: number;
  results: Row[];
}

export function usePaged<Row, P extends Page<Row>>(
  key: QueryKey,
  fetchPage: (offset: number, limit: number, signal: AbortSignal) => Promise<P>,
  seen: { first: number; last: number },
) {
  const wanted = new Set([0, Math.floor(seen.first / PAGE), Math.floor(seen.last / PAGE)]);
  const pages = [...wanted].sort((a, b) => a - b);
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...key, page],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchPage(page * PAGE, PAGE, signal),
      placeholderData: (before: P | undefined) => before,
    })),
  });
  const byPage = new Map(pages.map((page, index) => [page, results[index]?.data]));
  const first = results[0];
  return {
    head: first?.data,
    count: first?.data?.count ?? 0,
    row: (index: number): Row | undefined => byPage.get(Math.floor(index / PAGE))?.results[index % PAGE],
    error: first?.error ?? null,
    retry: () => void first?.refetch(),
    pending: first?.isPending ?? true,
  };
}
