/** Colours for code. Loaded when the first block of code is shown. */
import hljs from "highlight.js/lib/common";

/** HTML with spans of class `hljs-*` and everything else escaped; undefined for a language that is not known. */
export function highlight(code: string, language: string): string | undefined {
  const name =
    language
      .trim()
      .split(/[\s{,]/)[0]
      ?.toLowerCase() ?? "";
  if (!name || !hljs.getLanguage(name)) return undefined;
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
}
