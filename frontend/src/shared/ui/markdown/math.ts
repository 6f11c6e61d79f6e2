/** Formulas in Markdown. Loaded, with KaTeX and its fonts, when a text seems to have one. */
import "katex/dist/katex.min.css";
import type { MarkedExtension, RendererExtension, TokenizerExtension } from "marked";
import markedKatex from "marked-katex-extension";
import type { MathReader } from "./blocks";

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Models write formulas in four ways; two of them are turned into the other two. Code stays as it is. */
function dollars(text: string): string {
  if (!/\\[([]/.test(text)) return text;
  let fence = "";
  const pieces: { text: string; code: boolean }[] = [];
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    const code = fence !== "" || mark !== undefined;
    if (mark && fence === "") fence = mark;
    else if (mark?.startsWith(fence)) fence = "";
    const last = pieces.at(-1);
    if (last && last.code === code) last.text += `\n${line}`;
    else pieces.push({ text: line, code });
  }
  return pieces
    .map((piece) =>
      piece.code
        ? piece.text
        : piece.text
            .replace(/\\\[([\s\S]+?)\\\]/g, (_, tex: string) => `\n\n$$\n${tex.trim()}\n$$\n\n`)
            .replace(/\\\((.+?)\\\)/g, (_, tex: string) => `$${tex.trim()}$`),
    )
    .join("\n");
}

type Extension = TokenizerExtension & RendererExtension;

/** `$5 and $10` is money: a formula neither begins nor ends with a space, and no digit follows it. */
function noMoney(extension: Extension): Extension {
  if (extension.level !== "inline") return extension;
  return {
    ...extension,
    tokenizer(source, tokens) {
      const found = extension.tokenizer.call(this, source, tokens);
      if (!found || found.raw.startsWith("$$")) return found;
      const inside = found.raw.slice(1, -1);
      return inside.trim() === inside && !/^\d/.test(source.slice(found.raw.length)) ? found : undefined;
    },
  };
}

function extension(hold: (html: string) => string): MarkedExtension {
  // Drawn without trust: no links, no pictures, no raw HTML; what is no formula is shown as it is.
  const drawn = markedKatex({
    throwOnError: false,
    nonStandard: true,
    trust: false,
    maxExpand: 200,
    maxSize: 20,
  });
  return {
    extensions: (drawn.extensions as Extension[]).map(noMoney).map((one) => ({
      ...one,
      renderer(token) {
        return hold(String(one.renderer.call(this, token)));
      },
    })),
  };
}

export const math: MathReader = { extension, dollars };
