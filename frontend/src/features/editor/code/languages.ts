/** The grammars of code fields, each fetched when a field first needs it. */
import { StreamLanguage } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

const LANGUAGES: Record<string, () => Promise<Extension>> = {
  json: async () => (await import("@codemirror/lang-json")).json(),
  python: async () => (await import("@codemirror/lang-python")).python(),
  markdown: async () => (await import("@codemirror/lang-markdown")).markdown(),
  shell: async () => {
    const { shell } = await import("@codemirror/legacy-modes/mode/shell");
    return StreamLanguage.define(shell);
  },
};

export async function languageFor(name: string): Promise<Extension> {
  return (await LANGUAGES[name]?.()) ?? [];
}
