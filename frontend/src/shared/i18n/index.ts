/** Words of the page. The English sentence is the key; `zh.json` holds the Chinese. */
import { create } from "zustand";

export type Language = "en" | "zh";
type Vars = Record<string, string | number>;

const KEPT = "flowloft.language";
let catalogue: Record<string, string> = {};

interface Languages {
  language: Language;
  /** What was chosen; `null` follows the system. */
  chosen: Language | null;
}

export const useLanguage = create<Languages>(() => ({ language: "en", chosen: null }));

export function systemLanguage(): Language {
  return (navigator.languages?.[0] ?? navigator.language ?? "en").toLowerCase().startsWith("zh")
    ? "zh"
    : "en";
}

/** Loads the catalogue before anything shows it, so that the words never flash in the other language. */
export async function setLanguage(chosen: Language | null): Promise<void> {
  const language = chosen ?? systemLanguage();
  catalogue = language === "zh" ? (await import("./zh.json")).default : {};
  if (chosen) localStorage.setItem(KEPT, chosen);
  else localStorage.removeItem(KEPT);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  useLanguage.setState({ language, chosen });
}

export function startLanguage(): Promise<void> {
  const kept = localStorage.getItem(KEPT);
  return setLanguage(kept === "en" || kept === "zh" ? kept : null);
}

/** The sentence in the page's language; `{name}` stands for a variable. Call it while rendering, not at import. */
export function t(source: string, vars?: Vars): string {
  return fill(catalogue[source] ?? source, vars);
}

/** The sentence for `n` of something; Chinese has one form, kept under the plural. */
export function tn(n: number, one: string, many: string, vars?: Vars): string {
  return fill(catalogue[many] ?? (n === 1 ? one : many), { n, ...vars });
}

/** Names and the like side by side, with the comma of the language. */
export function listed(words: readonly unknown[]): string {
  return words.join(t(", "));
}

/** Marks a sentence that is translated where it is shown: `t(message)`. */
export function msg<S extends string>(source: S): S {
  return source;
}

/** The words for a server's error code when the catalogue has them. */
export function errorWords(code: string): string | undefined {
  return catalogue[`errors.${code}`];
}

function fill(text: string, vars?: Vars): string {
  return vars ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(vars[name] ?? whole)) : text;
}
