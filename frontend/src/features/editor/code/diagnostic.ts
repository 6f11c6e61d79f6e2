import type { Diagnostic } from "@codemirror/lint";
import type { EditorState } from "@codemirror/state";

/** What is wrong as a mark of its line; a line of null, or one that is gone, is the nearest there is. */
export function diagnostic(
  { doc }: EditorState,
  { line, message }: { line: number | null; message: string },
): Diagnostic {
  const found = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
  return { from: found.from, to: found.to, severity: "error", message };
}
