import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { answer, api, type Schemas } from "@/shared/api";
import { t } from "@/shared/i18n";
import { Awaiting, Failure, Markdown, Page, PageHeader } from "@/shared/ui";
import classes from "./BundledDocument.module.css";

type Block = Schemas["BundledDocument"]["blocks"][number];

/** A document that comes with the studio; the passage that `?chunk=` names is marked and in sight. */
export function BundledDocument({ set, id }: { set: string; id: string }) {
  const [query] = useSearchParams();
  const found = useQuery({
    queryKey: ["documents", "bundled", set, id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/knowledge/bundled/{name}/documents/{document}", {
          params: { path: { name: set, document: id } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const passage = useRef<HTMLDivElement>(null);
  const linked = query.get("chunk");
  const chunk = found.data?.chunks.find((one) => one.id === linked);
  const first = found.data?.blocks.findIndex((block) => overlaps(block, chunk)) ?? -1;
  useEffect(() => {
    if (first >= 0) passage.current?.scrollIntoView({ block: "center" });
  }, [first]);
  if (found.isError) return <Failure error={found.error} retry={found.refetch} />;
  if (!found.data) return <Awaiting />;
  return (
    <Page narrow>
      <PageHeader
        title={found.data.title || id}
        about={t("{name}, an example document that comes with Flowloft.", { name: id })}
      />
      {linked && !chunk ? (
        <p className={classes.gone} role="status">
          {t("The passage of this link has been changed or deleted since.")}
        </p>
      ) : null}
      <article className={classes.text} lang={found.data.language || undefined}>
        {found.data.blocks.map((block, at) => (
          <div
            key={block.start}
            ref={at === first ? passage : undefined}
            className={classes.block}
            data-kind={block.kind}
            data-level={block.level || undefined}
          >
            <Words block={block} chunk={chunk} />
          </div>
        ))}
      </article>
    </Page>
  );
}

type Stretch = { start: number; end: number } | undefined;

function overlaps(block: Block, chunk: Stretch) {
  return chunk !== undefined && block.end > chunk.start && block.start < chunk.end;
}

function Words({ block, chunk }: { block: Block; chunk: Stretch }) {
  const marked = chunk !== undefined && overlaps(block, chunk);
  if (block.kind === "table")
    return (
      <div className={marked ? classes.marked : undefined}>
        <Markdown text={block.text} />
      </div>
    );
  if (!marked) return block.text;
  const from = Math.max(0, chunk.start - block.start);
  const to = Math.min(block.text.length, chunk.end - block.start);
  return (
    <>
      {block.text.slice(0, from)}
      <mark>{block.text.slice(from, to)}</mark>
      {block.text.slice(to)}
    </>
  );
}
