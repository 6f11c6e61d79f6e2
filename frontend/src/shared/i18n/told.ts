/** Sentences that come from the server with figures in them, in the page's language. */
import { t, useLanguage } from "./index";

interface Form {
  sentence: string;
  form: RegExp;
}

/**
 * Makes a function that tells a text in the page's language, sentence by sentence. What it does not know
 * stays as it is.
 *
 * @param sentences English, `{name}` for what differs; their Chinese is in the catalogue.
 */
export function told(sentences: string[]): (text: string) => string {
  // Those with most words of their own first: `{vendor} trains it.` fits too much.
  const forms: Form[] = sentences
    .map((sentence) => ({ sentence, form: formOf(sentence) }))
    .sort((one, other) => fixed(other.sentence) - fixed(one.sentence));
  const known = new Map<string, string>();
  return (text) => {
    if (useLanguage.getState().language === "en") return text;
    const words = known.get(text) ?? inParts(text, forms);
    known.set(text, words);
    return words;
  };
}

function fixed(sentence: string): number {
  return sentence.replace(/\{\w+\}/g, "").length;
}

function formOf(sentence: string): RegExp {
  const source = sentence
    .split(/(\{\w+\})/)
    .map((part) =>
      /^\{\w+\}$/.test(part)
        ? `(?<${part.slice(1, -1)}>[^\\n]+?)`
        : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`);
}

function whole(said: string, forms: Form[]): string | undefined {
  for (const { sentence, form } of forms) {
    const found = form.exec(said);
    if (found) return t(sentence, inside(found.groups ?? {}, forms));
  }
  return undefined;
}

/** What stands in a sentence may be a sentence itself; a name is left as a person gave it. */
function inside(groups: Record<string, string>, forms: Form[]): Record<string, string> {
  const parts = Object.entries(groups);
  return Object.fromEntries(
    parts.map(([name, part]) => [name, /\s.*\.$/.test(part) ? inParts(part, forms) : part]),
  );
}

function inParts(text: string, forms: Form[]): string {
  const said: string[] = [];
  let rest = text.trim();
  while (rest) {
    const [words, length] = first(rest, forms);
    said.push(words);
    rest = rest.slice(length).trimStart();
  }
  return said.join(" ");
}

function first(rest: string, forms: Form[]): [words: string, length: number] {
  // A sentence that has an end of another inside, as the name of a file may, is known as far as it goes.
  const ends = [...rest.matchAll(/[.!?](?=\s|$)/g)].map((one) => one.index + 1);
  for (const length of [...ends, rest.length]) {
    const words = whole(rest.slice(0, length), forms);
    if (words) return [words, length];
  }
  const end = rest.search(/[.!?](?=\s|$)/);
  const said = rest.slice(0, end < 0 ? rest.length : end + 1);
  const named = /^([\w.-]+): (?=\S)/.exec(rest);
  if (!named) return [said, said.length];
  // What is told of something that is named; the type of an exception is no name of a thing.
  const [begin] = named;
  const [words, length] = first(rest.slice(begin.length), forms);
  const strange = rest.slice(begin.length, begin.length + length) === words;
  return strange ? [said, said.length] : [`${named[1]}： ${words}`, begin.length + length];
}
