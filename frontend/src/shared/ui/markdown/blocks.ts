/** Markdown to safe HTML, block by block. Loaded when the first Markdown is shown. */
import DOMPurify from "dompurify";
import { Marked, type MarkedExtension, type Token } from "marked";

/** A top-level piece of a text: code is drawn by the page, everything else is HTML. */
export type Block = { raw: string } & ({ code: string; language: string } | { html: string });

/** How formulas are read and drawn; see math.ts. */
export interface MathReader {
  extension: (hold: (html: string) => string) => MarkedExtension;
  /** The text with `\(…\)` and `\[…\]` in the form with dollars. */
  dollars: (text: string) => string;
}

export interface Reading {
  /** Numbers in brackets are links to `#citation-<n>`. */
  citations?: boolean;
  math?: MathReader;
}

const escaped = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign,
  );

const plain: MarkedExtension = {
  gfm: true,
  breaks: true,
  renderer: {
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    // A picture's address is a message to its host: what a model wrote must not send one unasked.
    image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
  },
};

const CITATION = /^\[(\d{1,3})\](?![(:])/;

const citations: MarkedExtension = {
  extensions: [
    {
      name: "citation",
      level: "inline",
      start: (source) => source.indexOf("["),
      tokenizer(source) {
        const found = CITATION.exec(source);
        return found ? { type: "citation", raw: found[0], number: found[1] } : undefined;
      },
      renderer: ({ number }) => `<sup><a href="#citation-${number}">${number}</a></sup>`,
    },
  ],
};

/** Drawn formulas wait here while the rest is sanitised: their HTML is KaTeX's own, not the model's. */
let held: string[] = [];
const hold = (html: string) => `<span title="held:${held.push(html) - 1}"></span>`;
const HELD = /<span title="held:(\d+)"><\/span>/g;

const readers = new Map<string, Marked>();

function readerFor({ citations: cited = false, math }: Reading): Marked {
  const key = `${cited}${math !== undefined}`;
  const known = readers.get(key);
  if (known) return known;
  const made = new Marked(plain, ...(cited ? [citations] : []), ...(math ? [math.extension(hold)] : []));
  readers.set(key, made);
  return made;
}

const ALLOWED = {
  ALLOWED_TAGS: [
    ..."p br hr a strong em b i del s u sub sup mark code pre kbd blockquote ul ol li".split(" "),
    ..."h1 h2 h3 h4 h5 h6 table thead tbody tr th td details summary span".split(" "),
  ],
  ALLOWED_ATTR: ["href", "title", "align", "start", "open"],
};

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A" || node.getAttribute("href")?.startsWith("#citation-")) return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});

export function blocks(text: string, reading: Reading = {}): Block[] {
  const marked = readerFor(reading);
  return marked
    .lexer(reading.math ? reading.math.dollars(text) : text)
    .filter((token) => token.type !== "space" && token.type !== "def")
    .map((token) => block(marked, token));
}

function block(marked: Marked, token: Token): Block {
  if (token.type === "code") return { raw: token.raw, code: token.text, language: token.lang ?? "" };
  held = [];
  const safe = purify.sanitize(marked.parser([token]), ALLOWED);
  return { raw: token.raw, html: safe.replace(HELD, (_, place: string) => held[Number(place)] ?? "") };
}
