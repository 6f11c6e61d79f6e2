/** Markdown to safe HTML, block by block. Loaded when the first Markdown is shown. */
import DOMPurify from "dompurify";
import { Marked, type Token } from "marked";

/** A top-level piece of a text: code is drawn by the page, everything else is HTML. */
export type Block = { raw: string } & ({ code: string; language: string } | { html: string });

const escaped = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign,
  );

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    // A picture's address is a message to its host: what a model wrote must not send one unasked.
    image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
  },
});

const ALLOWED = {
  ALLOWED_TAGS: [
    ..."p br hr a strong em b i del s u sub sup mark code pre kbd blockquote ul ol li".split(" "),
    ..."h1 h2 h3 h4 h5 h6 table thead tbody tr th td details summary span".split(" "),
  ],
  ALLOWED_ATTR: ["href", "title", "align", "start", "open"],
};

const purify = DOMPurify(window);
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});

export function blocks(text: string): Block[] {
  return marked
    .lexer(text)
    .filter((token) => token.type !== "space" && token.type !== "def")
    .map(block);
}

function block(token: Token): Block {
  if (token.type === "code") return { raw: token.raw, code: token.text, language: token.lang ?? "" };
  return { raw: token.raw, html: purify.sanitize(marked.parser([token]), ALLOWED) };
}
