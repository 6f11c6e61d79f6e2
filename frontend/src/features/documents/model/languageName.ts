import { useLanguage } from "@/shared/i18n";

/** What a language is called in the language of the page: `zh` is Chinese, 中文. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([useLanguage.getState().language], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
