/** Which rows become examples, and how their answers were put right. */
import type { EvaluationRow, RowsDataset } from "../api/evaluations";

/** As many rows can be looked through and put right by hand. */
export const MOST = 200;

type Row = Pick<EvaluationRow, "number" | "expected">;

/**
 * What is sent of them: nothing in particular where all bad rows are meant as they are, however many;
 * else each row, with its answer where that was changed.
 */
export function rowsSent(rows: Row[], edits: Record<number, string>, all: boolean): RowsDataset["rows"] {
  const changed = rows.some((row) => edited(row, edits) !== undefined);
  if (all && !changed) return null;
  return rows.map((row) => {
    const answer = edited(row, edits);
    return answer === undefined ? { number: row.number } : { number: row.number, answer };
  });
}

function edited(row: Row, edits: Record<number, string>): string | undefined {
  const answer = edits[row.number];
  return answer === undefined || answer === row.expected ? undefined : answer;
}
