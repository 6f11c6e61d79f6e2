import {
  ActionIcon,
  Button,
  Group,
  Menu,
  SegmentedControl,
  Select,
  Skeleton,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDots, IconPlus, IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { t, tn } from "@/shared/i18n";
import { Empty, Failure, tell } from "@/shared/ui";
import { type Chunk, chunksKey, type FullDocument, getChunks, useChunkChange } from "../api/documents";
import { usePaged } from "../api/paged";
import classes from "./DocumentView.module.css";

interface Props {
  document: FullDocument;
  groups: string[];
  chosen: Chunk | null;
  choose: (chunk: Chunk) => void;
}

/** The chunks of a document: read, edit, switch off, add, split, merge. Edits stay marked. */
export function ChunkPane({ document, groups, chosen, choose }: Props) {
  const [picked, pick] = useState<string | null>(null);
  const group = picked ?? chosen?.group ?? groups[0] ?? "default";
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words, 250);
  const [which, setWhich] = useState<"all" | "edited" | "dropped">("all");
  const edited = which === "edited";
  const dropped = which === "dropped";
  const [adding, setAdding] = useState<string | null>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ first: 0, last: 0 });
  const filter = {
    group,
    ...(q ? { q } : {}),
    ...(edited ? { edited } : {}),
    ...(dropped ? { dropped } : {}),
  };
  const rows = usePaged<Chunk, Awaited<ReturnType<typeof getChunks>>>(
    [...chunksKey(document.id), filter],
    (offset, limit, signal) => getChunks(document.id, filter, offset, limit, signal),
    seen,
  );
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroll.current,
    estimateSize: () => 190,
    overscan: 4,
    onChange: (one) => {
      const first = one.range?.startIndex ?? 0;
      const last = one.range?.endIndex ?? 0;
      setSeen((known) => (known.first === first && known.last === last ? known : { first, last }));
    },
  });
  const target = chosen && chosen.group === group && !q && which === "all" ? chosen.order : null;
  const jumped = useRef<string | null>(null);
  useEffect(() => {
    if (target === null || !chosen || rows.count === 0 || jumped.current === chosen.id) return;
    jumped.current = chosen.id;
    virtual.scrollToIndex(target, { align: "center" });
  }, [target, chosen, rows.count, virtual]);
  return (
    <section className={classes.pane} aria-label={t("Chunks")}>
      <div className={classes.bar}>
        {groups.length > 1 ? (
          <SegmentedControl
            size="xs"
            data={groups}
            value={group}
            onChange={pick}
            aria-label={t("Node group")}
          />
        ) : null}
        <TextInput
          size="xs"
          className={classes.grow}
          aria-label={t("Search chunks")}
          placeholder={t("Search chunks")}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Select
          size="xs"
          w={150}
          aria-label={t("Which chunks")}
          allowDeselect={false}
          data={[
            { value: "all", label: t("All chunks") },
            { value: "edited", label: t("Changed by hand") },
            { value: "dropped", label: t("Deleted ones") },
          ]}
          value={which}
          onChange={(next) => setWhich(next as typeof which)}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAdding(chosen?.group === group ? chosen.id : "")}
        >
          {t("Add a chunk")}
        </Button>
      </div>
      {adding !== null ? (
        <NewChunk document={document} group={group} after={adding} close={() => setAdding(null)} />
      ) : null}
      {rows.error && !rows.head ? <Failure error={rows.error} retry={rows.retry} /> : null}
      {rows.pending ? (
        <div className={classes.waiting}>
          <Skeleton height={300} />
        </div>
      ) : null}
      {!rows.pending && !rows.error && rows.count === 0 ? (
        <Empty title={q || which !== "all" ? t("No chunk fits") : t("No chunks yet")} />
      ) : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: chunks are scrolled by keyboard */}
      <div ref={scroll} className={classes.scroll} tabIndex={0}>
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const chunk = rows.row(item.index);
            return (
              <div
                key={chunk?.id ?? item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={classes.slot}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {chunk ? (
                  <ChunkCard
                    document={document}
                    chunk={chunk}
                    chosen={chosen?.id === chunk.id}
                    choose={() => {
                      jumped.current = chunk.id;
                      choose(chunk);
                    }}
                  />
                ) : (
                  <Skeleton height={150} radius="md" />
                )}
              </div>
            );
          })}
        </div>
      </div>
      <footer className={classes.count}>
        {rows.head ? tn(rows.count, "{n} chunk", "{n} chunks") : null}
      </footer>
    </section>
  );
}

interface CardProps {
  document: FullDocument;
  chunk: Chunk;
  chosen: boolean;
  choose: () => void;
}

function ChunkCard({ document, chunk, chosen, choose }: CardProps) {
  const [text, setText] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const { save, remove, act } = useChunkChange(document.id);
  const failed = { onError: tell.failure };
  const busy = save.isPending || act.isPending || remove.isPending;
  const page = (chunk.places as { page?: number | null }[] | undefined)?.[0]?.page;
  return (
    <article
      className={classes.chunk}
      data-chosen={chosen || undefined}
      data-off={!chunk.enabled || undefined}
    >
      <header>
        <button type="button" className={classes.order} onClick={choose} aria-pressed={chosen}>
          #{chunk.order + 1}
          {page ? ` · ${t("page {n}", { n: page })}` : ""}
        </button>
        {chunk.edited ? <span className={classes.badge}>{t("Edited")}</span> : null}
        {chunk.added ? <span className={classes.badge}>{t("Added")}</span> : null}
        {chunk.dropped ? <span className={classes.badge}>{t("Deleted")}</span> : null}
        {chunk.enabled || chunk.dropped ? null : <span className={classes.badge}>{t("Switched off")}</span>}
        {chunk.enabled && !chunk.indexed ? (
          <span className={classes.badge}>{t("Not indexed yet")}</span>
        ) : null}
        <span className={classes.path}>{chunk.heading.join(" › ")}</span>
        <Menu>
          <Menu.Target>
            <ActionIcon size="sm" aria-label={t("More for chunk {n}", { n: chunk.order + 1 })} loading={busy}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {chunk.dropped ? (
              <Menu.Item onClick={() => act.mutate({ chunk: chunk.id, action: "restore" }, failed)}>
                {t("Bring it back")}
              </Menu.Item>
            ) : (
              <>
                <Menu.Item onClick={() => setText(chunk.text)}>{t("Edit")}</Menu.Item>
                <Menu.Item onClick={() => save.mutate({ chunk: chunk.id, enabled: !chunk.enabled }, failed)}>
                  {chunk.enabled ? t("Switch off") : t("Switch on")}
                </Menu.Item>
                <Menu.Item onClick={() => act.mutate({ chunk: chunk.id, action: "merge" }, failed)}>
                  {t("Merge with the next")}
                </Menu.Item>
                {chunk.edited ? (
                  <Menu.Item onClick={() => act.mutate({ chunk: chunk.id, action: "restore" }, failed)}>
                    {t("Bring the original text back")}
                  </Menu.Item>
                ) : null}
                <Menu.Item color="red" onClick={() => remove.mutate(chunk.id, failed)}>
                  {t("Delete")}
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </header>
      {text === null ? (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the button above does the same by keyboard
        <p onClick={choose} onDoubleClick={() => setText(chunk.text)}>
          {chunk.text}
        </p>
      ) : (
        <div className={classes.edit}>
          <Textarea
            ref={field}
            aria-label={t("Text of the chunk")}
            autosize
            minRows={4}
            maxRows={18}
            data-autofocus
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setText(null);
            }}
          />
          <Group gap="xs" justify="flex-end">
            <Button
              size="xs"
              variant="default"
              disabled={text !== chunk.text}
              onClick={() =>
                act.mutate(
                  { chunk: chunk.id, action: "split", at: field.current?.selectionStart ?? 0 },
                  { ...failed, onSuccess: () => setText(null) },
                )
              }
            >
              {t("Split at the cursor")}
            </Button>
            <Button size="xs" variant="default" onClick={() => setText(null)}>
              {t("Cancel")}
            </Button>
            <Button
              size="xs"
              loading={save.isPending}
              disabled={!text.trim() || text === chunk.text}
              onClick={() =>
                save.mutate({ chunk: chunk.id, text }, { ...failed, onSuccess: () => setText(null) })
              }
            >
              {t("Save")}
            </Button>
          </Group>
        </div>
      )}
    </article>
  );
}

interface NewProps {
  document: FullDocument;
  group: string;
  /** Stands behind this chunk; at the beginning where empty. */
  after: string;
  close: () => void;
}

function NewChunk({ document, group, after, close }: NewProps) {
  const [text, setText] = useState("");
  const { add } = useChunkChange(document.id);
  return (
    <div className={classes.edit}>
      <Textarea
        aria-label={t("Text of the new chunk")}
        placeholder={
          after
            ? t("Stands behind the chosen chunk")
            : t("Stands at the beginning; choose a chunk to put it behind")
        }
        autosize
        minRows={3}
        maxRows={12}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group gap="xs" justify="flex-end">
        <Button size="xs" variant="default" onClick={close}>
          {t("Cancel")}
        </Button>
        <Button
          size="xs"
          loading={add.isPending}
          disabled={!text.trim()}
          onClick={() => add.mutate({ text, after, group }, { onSuccess: close, onError: tell.failure })}
        >
          {t("Add")}
        </Button>
      </Group>
    </div>
  );
}
