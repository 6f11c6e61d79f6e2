import { memo, useEffect, useMemo, useState } from "react";
import { CopyButton } from "../CopyButton";
import type { Block } from "./blocks";
import classes from "./Markdown.module.css";

type Reader = (text: string) => Block[];
let reader: Reader | undefined;

function useReader(): Reader | undefined {
  const [loaded, setLoaded] = useState(() => reader);
  useEffect(() => {
    if (loaded) return;
    let gone = false;
    import("./blocks").then((module) => {
      reader = module.blocks;
      if (!gone) setLoaded(() => module.blocks);
    });
    return () => {
      gone = true;
    };
  }, [loaded]);
  return loaded;
}

/** Sanitised Markdown. While text streams in, only the last block is drawn anew. */
export function Markdown({ text }: { text: string }) {
  const read = useReader();
  const parts = useMemo(() => read?.(text), [read, text]);
  if (!parts) return <div className={classes.plain}>{text}</div>;
  return (
    <div className={classes.markdown}>
      {parts.map((part, index) => (
        // Blocks are only ever added at the end; one keeps its place for good.
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what names a block
        <BlockView key={index} part={part} />
      ))}
    </div>
  );
}

const BlockView = memo(
  function BlockView({ part }: { part: Block }) {
    if ("html" in part)
      // biome-ignore lint/security/noDangerouslySetInnerHtml: blocks.ts has sanitised it
      return <div className={classes.block} dangerouslySetInnerHTML={{ __html: part.html }} />;
    return (
      <div className={classes.code}>
        <div className={classes.codeHead}>
          <span>{part.language}</span>
          <CopyButton text={() => part.code} />
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: code that is wider than the page is scrolled by keyboard */}
        <pre tabIndex={0}>
          <code>{part.code}</code>
        </pre>
      </div>
    );
  },
  (before, after) => before.part.raw === after.part.raw && "html" in before.part === "html" in after.part,
);
