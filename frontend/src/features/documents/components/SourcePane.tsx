import { SegmentedControl, Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { t } from "@/shared/i18n";
import { Failure, Markdown } from "@/shared/ui";
import { type Chunk, type DocumentText, type FullDocument, useDocumentText } from "../api/documents";
import type { Place } from "../api/knowledge";
import classes from "./DocumentView.module.css";

/** Where a document came from: its pages as pictures, or its text; the chosen chunk is marked. */
export function SourcePane({
  document,
  chunk,
  page = null,
}: {
  document: FullDocument;
  chunk: Chunk | null;
  /** To open at where there is no chunk. */
  page?: number | null;
}) {
  const paged = document.pages.length > 0 && document.name.toLowerCase().endsWith(".pdf");
  const [as, setAs] = useState<string | null>(null);
  const shown = as ?? (paged ? "pages" : "text");
  return (
    <section className={classes.pane} aria-label={t("Source")}>
      {paged ? (
        <div className={classes.bar}>
          <SegmentedControl
            size="xs"
            aria-label={t("Show as")}
            data={[
              { value: "pages", label: t("Pages") },
              { value: "text", label: t("Text") },
            ]}
            value={shown}
            onChange={setAs}
          />
        </div>
      ) : null}
      {shown === "pages" ? (
        <Pages document={document} chunk={chunk} at={page} />
      ) : (
        <Text document={document} chunk={chunk} />
      )}
    </section>
  );
}

interface PagesProps {
  document: FullDocument;
  chunk: Chunk | null;
  at: number | null;
}

function Pages({ document, chunk, at }: PagesProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const virtual = useVirtualizer({
    count: document.pages.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => {
      const [wide = 1, high = 1] = document.pages[index] ?? [];
      return (width * high) / wide + 16;
    },
    overscan: 1,
  });
  useEffect(() => {
    const measure = () => setWidth(Math.max(200, (scroll.current?.clientWidth ?? 632) - 32));
    measure();
    const observer = new ResizeObserver(measure);
    if (scroll.current) observer.observe(scroll.current);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another width gives every page another height
  useEffect(() => virtual.measure(), [width]);
  const places = (chunk?.places ?? []) as Place[];
  const first = places.find((place) => place.page);
  const page = first?.page ?? (chunk ? null : at);
  const top = first?.boxes?.[0]?.[1] ?? 0;
  useEffect(() => {
    if (page === null || page > document.pages.length) return;
    const [wide = 1] = document.pages[page - 1] ?? [];
    const start = virtual.measurementsCache[page - 1]?.start ?? 0;
    virtual.scrollToOffset(Math.max(0, start + (top * width) / wide - 80));
  }, [page, top, width, virtual, document.pages]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: pages are scrolled by keyboard
    <div ref={scroll} className={classes.scroll} tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => (
          <div
            key={item.key}
            className={classes.page}
            style={{ transform: `translateY(${item.start}px)`, width, height: item.size - 16 }}
          >
            <PageView
              document={document}
              number={item.index + 1}
              places={places.filter((place) => place.page === item.index + 1)}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

interface PageProps {
  document: FullDocument;
  number: number;
  places: Place[];
}

function PageView({ document, number, places }: PageProps) {
  const [failed, setFailed] = useState(false);
  const [drawn, setDrawn] = useState(false);
  const [wide = 1, high = 1] = document.pages[number - 1] ?? [];
  return (
    <>
      {failed ? (
        <p className={classes.gone}>{t("Page {n} can't be drawn; look at the text.", { n: number })}</p>
      ) : (
        <img
          src={`/api/v1/documents/${document.id}/pages/${number}`}
          alt={t("Page {n}", { n: number })}
          onLoad={() => setDrawn(true)}
          onError={() => setFailed(true)}
        />
      )}
      {failed || drawn ? null : (
        <Skeleton className={classes.drawing} aria-label={t("The page is being drawn")} />
      )}
      {places
        .flatMap((place) => place.boxes ?? [])
        .map(([left = 0, top = 0, right = 0, bottom = 0]) => (
          <span
            key={`${left} ${top} ${right} ${bottom}`}
            className={classes.box}
            style={{
              left: `${(left / wide) * 100}%`,
              top: `${(top / high) * 100}%`,
              width: `${((right - left) / wide) * 100}%`,
              height: `${((bottom - top) / high) * 100}%`,
            }}
          />
        ))}
      <span className={classes.pageNumber}>{number}</span>
    </>
  );
}

function Text({ document, chunk }: { document: FullDocument; chunk: Chunk | null }) {
  const text = useDocumentText(document.id, document.characters > 0);
  if (text.isError) return <Failure error={text.error} retry={text.refetch} />;
  if (!document.characters) return <p className={classes.gone}>{t("Nothing has been read of it yet.")}</p>;
  if (!text.data)
    return (
      <div className={classes.waiting}>
        <Skeleton height={300} />
      </div>
    );
  return <Blocks text={text.data} chunk={chunk} />;
}

function Blocks({ text, chunk }: { text: DocumentText; chunk: Chunk | null }) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: text.blocks.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => 28 + Math.ceil((text.blocks[index]?.text.length ?? 0) / 70) * 22,
    overscan: 10,
  });
  const at = useMemo(
    () =>
      chunk && chunk.end > chunk.start
        ? text.blocks.findIndex((block) => block.end > chunk.start && block.start < chunk.end)
        : -1,
    [text, chunk],
  );
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "center" });
  }, [at, virtual]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the text is scrolled by keyboard
    <div ref={scroll as RefObject<HTMLDivElement>} className={classes.scroll} tabIndex={0}>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const block = text.blocks[item.index];
          if (!block) return null;
          const from = chunk ? Math.max(0, chunk.start - block.start) : 0;
          const to = chunk ? Math.min(block.text.length, chunk.end - block.start) : 0;
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={classes.block}
              data-kind={block.kind}
              data-level={block.level || undefined}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <BlockText kind={block.kind} text={block.text} from={from} to={to} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface BlockProps {
  kind: string;
  text: string;
  from: number;
  to: number;
}

const BlockText = memo(function BlockText({ kind, text, from, to }: BlockProps) {
  const marked = to > from;
  if (kind === "table")
    return (
      <div className={marked ? classes.marked : undefined}>
        <Markdown text={text} />
      </div>
    );
  if (!marked) return text;
  return (
    <>
      {text.slice(0, from)}
      <mark>{text.slice(from, to)}</mark>
      {text.slice(to)}
    </>
  );
});
