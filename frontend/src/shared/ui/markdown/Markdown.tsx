import { memo, useEffect, useMemo, useState } from "react";
import { CopyButton } from "../CopyButton";
import type { Block, MathReader, Reading } from "./blocks";
import code from "./code.module.css";
import classes from "./Markdown.module.css";

type Reader = (text: string, reading: Reading) => Block[];
type Highlighter = (code: string, language: string) => string | undefined;

/** What is loaded when it is first needed, once for the page. */
interface Loaded {
  read?: Reader;
  math?: MathReader;
  highlight?: Highlighter;
}
let loaded: Loaded = {};

/** Longer code is shown plain: colouring it would hold the page up. */
const COLOURED = 50_000;
const MATH = /\$[^\s$]|\$\$|\\\(|\\\[/;
const CODE = /^ {0,3}(`{3,}|~{3,})\S/m;

function useLoaded(text: string): Loaded {
  const [known, setKnown] = useState(loaded);
  const needs = {
    read: known.read === undefined,
    math: known.math === undefined && MATH.test(text),
    highlight: known.highlight === undefined && CODE.test(text),
  };
  useEffect(() => {
    let gone = false;
    const take = (part: Loaded) => {
      loaded = { ...loaded, ...part };
      if (!gone) setKnown(loaded);
    };
    if (needs.read) import("./blocks").then(({ blocks }) => take({ read: blocks }));
    if (needs.math) import("./math").then(({ math }) => take({ math }));
    if (needs.highlight) import("./highlight").then(({ highlight }) => take({ highlight }));
    return () => {
      gone = true;
    };
  }, [needs.read, needs.math, needs.highlight]);
  return known;
}

interface Props {
  text: string;
  /** Called with the number of a citation such as `[1]`; without it brackets are brackets. */
  cite?: (number: number) => void;
}

/** Sanitised Markdown. While text streams in, only the last block is drawn anew. */
export function Markdown({ text, cite }: Props) {
  const { read, math, highlight } = useLoaded(text);
  const citations = cite !== undefined;
  const parts = useMemo(() => read?.(text, { citations, math }), [read, text, citations, math]);
  if (!parts) return <div className={classes.plain}>{text}</div>;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the clicks on links inside
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link is clicked by Enter too
    <div
      className={classes.markdown}
      onClick={(event) => {
        const link = (event.target as Element).closest?.("a[href^='#citation-']");
        if (!link || !cite) return;
        event.preventDefault();
        cite(Number(link.getAttribute("href")?.slice("#citation-".length)));
      }}
    >
      {parts.map((part, index) => (
        // Blocks are only ever added at the end; one keeps its place for good.
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what names a block
        <BlockView key={index} part={part} highlight={highlight} />
      ))}
    </div>
  );
}

const BlockView = memo(
  function BlockView({ part, highlight }: { part: Block; highlight: Highlighter | undefined }) {
    if ("html" in part)
      // biome-ignore lint/security/noDangerouslySetInnerHtml: blocks.ts has sanitised it
      return <div className={classes.block} dangerouslySetInnerHTML={{ __html: part.html }} />;
    const coloured = part.code.length <= COLOURED ? highlight?.(part.code, part.language) : undefined;
    return (
      <div className={classes.code}>
        <div className={classes.codeHead}>
          <span>{part.language}</span>
          <CopyButton text={() => part.code} />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: code that is wider than the page is scrolled by keyboard */}
        <pre tabIndex={0} className={code.colours}>
          {coloured === undefined ? (
            <code>{part.code}</code>
          ) : (
            // biome-ignore lint/security/noDangerouslySetInnerHtml: the highlighter escapes everything but its own spans
            <code dangerouslySetInnerHTML={{ __html: coloured }} />
          )}
        </pre>
      </div>
    );
  },
  (before, after) =>
    before.highlight === after.highlight &&
    before.part.raw === after.part.raw &&
    ("html" in before.part
      ? "html" in after.part && before.part.html === after.part.html
      : "code" in after.part),
);
