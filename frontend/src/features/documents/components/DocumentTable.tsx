import { ActionIcon, Button, Checkbox, Group, Menu, Modal, Select, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDots, IconFileText, IconPlus, IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { t, tn } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatBytes, formatNumber } from "@/shared/lib/format";
import { Empty, Failure, tell } from "@/shared/ui";
import { type Filter, getDocuments, useDocumentsAct, useFacets, useReplace } from "../api/documents";
import {
  type Action,
  type DocumentState,
  documentsKey,
  type Knowledge,
  type SourceDocument,
} from "../api/knowledge";
import { usePaged } from "../api/paged";
import { filesOf, send } from "../api/uploads";
import { languageName } from "../model/languageName";
import { AddDocuments } from "./AddDocuments";
import { DocumentMark, documentState, OVER } from "./DocumentMark";
import classes from "./Knowledge.module.css";
import { LogDialog } from "./LogDialog";
import { TagsDialog } from "./TagsDialog";
import { UploadList } from "./UploadList";

const ROW = 54;
const STATES: DocumentState[] = [
  "queued",
  "fetching",
  "parsing",
  "splitting",
  "transforming",
  "embedding",
  "indexing",
  "ready",
  "failed",
  "cancelled",
];

/** The documents of a base, with what each is at; files can be dropped anywhere on it. */
export function DocumentTable({ knowledge }: { knowledge: Knowledge }) {
  const id = knowledge.id;
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words, 250);
  const [asked, ask] = useSearchParams();
  const state = asked.get("state");
  const language = asked.get("language");
  const only = asked.get("tag");
  const narrow = (name: string, value: string | null) =>
    ask(
      (known) => {
        if (value) known.set(name, value);
        else known.delete(name);
        return known;
      },
      { replace: true },
    );
  const facets = useFacets(id, knowledge.updated_at).data;
  const [order, setOrder] = useState("-created_at");
  const [adding, setAdding] = useState(false);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [every, setEvery] = useState(false);
  const [over, setOver] = useState(false);
  const [shown, show] = useState<SourceDocument | null>(null);
  const [tagged, tag] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const act = useDocumentsAct(id);
  const fits = {
    ...(q ? { q } : {}),
    ...(state ? { state } : {}),
    ...(language ? { language } : {}),
    ...(only ? { tag: only } : {}),
  };
  const filter: Filter = { order, ...fits };
  const scroll = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ first: 0, last: 0 });
  const rows = usePaged<SourceDocument, Awaited<ReturnType<typeof getDocuments>>>(
    [...documentsKey(id), filter],
    (offset, limit, signal) => getDocuments(id, filter, offset, limit, signal),
    seen,
  );
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 8,
    onChange: (one) => {
      const first = one.range?.startIndex ?? 0;
      const last = one.range?.endIndex ?? 0;
      setSeen((known) => (known.first === first && known.last === last ? known : { first, last }));
    },
  });
  const run = (body: Omit<Action, "ids">, ids?: string[]) =>
    act.mutate(ids ? { ...body, ids } : body, {
      onError: tell.failure,
      onSuccess: ({ count }) => {
        choose(new Set());
        setEvery(false);
        tell.done(tn(count, "Done for {n} document.", "Done for {n} documents."));
      },
    });
  const nothing = !rows.pending && !rows.error && rows.count === 0 && !Object.keys(fits).length;
  const runChosen = (body: Omit<Action, "ids">) =>
    every ? run({ ...body, ...fits }) : run(body, [...chosen]);
  const visible = virtual.getVirtualItems();
  return (
    <section
      className={classes.drop}
      data-over={over || undefined}
      aria-label={t("Documents")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void filesOf(event.dataTransfer.items).then((files) => send(id, files));
      }}
    >
      <div className={classes.tools}>
        <TextInput
          className={classes.grow}
          aria-label={t("Search documents")}
          placeholder={t("Search documents")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Select
          aria-label={t("State")}
          placeholder={t("Any state")}
          clearable
          w={150}
          data={STATES.map((one) => ({
            value: one,
            label: `${documentState(one)}${rows.head?.states[one] ? ` (${rows.head.states[one]})` : ""}`,
          }))}
          value={state}
          onChange={(next) => narrow("state", next)}
        />
        {(facets?.languages.length ?? 0) > 1 || language ? (
          <Select
            aria-label={t("Language")}
            placeholder={t("Any language")}
            clearable
            w={150}
            data={(facets?.languages ?? []).map((one) => ({ value: one, label: languageName(one) }))}
            value={language}
            onChange={(next) => narrow("language", next)}
          />
        ) : null}
        {facets?.tags.length || only ? (
          <Select
            aria-label={t("Tag")}
            placeholder={t("Any tag")}
            clearable
            searchable
            w={140}
            data={facets?.tags ?? []}
            value={only}
            onChange={(next) => narrow("tag", next)}
          />
        ) : null}
        <Select
          aria-label={t("Order")}
          allowDeselect={false}
          w={160}
          data={[
            { value: "-created_at", label: t("Newest first") },
            { value: "-changed_at", label: t("Latest change first") },
            { value: "name", label: t("By name") },
            { value: "-size", label: t("Largest first") },
            { value: "-chunk_count", label: t("Most chunks first") },
          ]}
          value={order}
          onChange={(next) => next && setOrder(next)}
        />
        {knowledge.failed_count ? (
          <Button variant="default" loading={act.isPending} onClick={() => run({ action: "retry" })}>
            {t("Retry all failed ({n})", { n: knowledge.failed_count })}
          </Button>
        ) : null}
        {knowledge.active_count > 1 ? (
          <Button variant="default" onClick={() => run({ action: "cancel" })}>
            {t("Stop all")}
          </Button>
        ) : null}
        <Button ml="auto" leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          {t("Add documents")}
        </Button>
      </div>
      <UploadList knowledge={id} />
      <InAll knowledge={knowledge} />
      {chosen.size ? (
        <div className={classes.bulk} role="toolbar" aria-label={t("What to do with the chosen documents")}>
          <span>{t("{n} chosen", { n: every ? rows.count : chosen.size })}</span>
          {!every && rows.count > chosen.size ? (
            <Button size="xs" variant="subtle" onClick={() => setEvery(true)}>
              {t("Choose all {n} that fit", { n: rows.count })}
            </Button>
          ) : null}
          {(
            [
              ["retry", t("Retry")],
              ["reparse", t("Parse again")],
              ["cancel", t("Stop")],
              ["enable", t("Search them")],
              ["disable", t("Leave out of searches")],
              ["delete", t("Delete")],
            ] as const
          ).map(([action, label]) => (
            <Button
              key={action}
              size="xs"
              variant={action === "delete" ? "light" : "default"}
              color={action === "delete" ? "red" : undefined}
              onClick={() => (action === "delete" ? setDeleting(true) : runChosen({ action }))}
            >
              {label}
            </Button>
          ))}
          <Button size="xs" variant="default" onClick={() => tag(true)}>
            {t("Tags")}
          </Button>
          <Button
            size="xs"
            variant="subtle"
            onClick={() => {
              choose(new Set());
              setEvery(false);
            }}
          >
            {t("Choose none")}
          </Button>
        </div>
      ) : null}
      {rows.error && !rows.head ? <Failure error={rows.error} retry={rows.retry} /> : null}
      {rows.pending ? <Skeleton height={240} radius="lg" /> : null}
      {nothing ? (
        <Empty
          icon={<IconFileText size={26} />}
          title={t("Drop files here")}
          action={<Button onClick={() => setAdding(true)}>{t("Add documents")}</Button>}
        >
          {t("Whole folders too. Each is read, cut and indexed by itself; you can close the page meanwhile.")}
        </Empty>
      ) : null}
      {!nothing && !rows.pending && !rows.error && rows.count === 0 ? (
        <Empty title={t("No document fits")} />
      ) : null}
      {rows.count ? (
        // biome-ignore lint/a11y/useSemanticElements: a table whose rows are drawn as they come into sight
        <div className={classes.table} role="table" aria-rowcount={rows.count}>
          {/* biome-ignore lint/a11y/useSemanticElements: as above */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: the head of a table takes no focus */}
          <div className={classes.head} role="row">
            <Heading>
              <Checkbox
                aria-label={t("Choose all in sight")}
                checked={
                  chosen.size > 0 && visible.every((item) => chosen.has(rows.row(item.index)?.id ?? ""))
                }
                onChange={(event) => {
                  const ids = visible
                    .map((item) => rows.row(item.index)?.id)
                    .filter((one) => one !== undefined);
                  choose(event.currentTarget.checked ? new Set([...chosen, ...ids]) : new Set());
                }}
              />
            </Heading>
            <Heading>{t("Name")}</Heading>
            <Heading>{t("State")}</Heading>
            <Heading className={classes.number}>{t("Size")}</Heading>
            <Heading className={classes.number}>{t("Chunks")}</Heading>
            <Heading>{t("Language")}</Heading>
            <Heading>{t("Tags")}</Heading>
            <Heading>
              <span className={classes.unseen}>{t("More")}</span>
            </Heading>
          </div>
          <div
            ref={scroll}
            className={classes.scroll}
            style={{ height: `min(${rows.count * ROW}px, max(280px, 100dvh - 360px))` }}
          >
            <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
              {visible.map((item) => {
                const document = rows.row(item.index);
                return (
                  // biome-ignore lint/a11y/useSemanticElements: as above
                  <div
                    key={document?.id ?? item.key}
                    className={classes.row}
                    role="row"
                    aria-rowindex={item.index + 1}
                    tabIndex={-1}
                    style={{ transform: `translateY(${item.start}px)`, height: ROW }}
                  >
                    {document ? (
                      <Row
                        document={document}
                        chosen={chosen.has(document.id)}
                        choose={(on) => {
                          const next = new Set(chosen);
                          setEvery(false);
                          if (on) next.add(document.id);
                          else next.delete(document.id);
                          choose(next);
                        }}
                        run={(action) => run({ action }, [document.id])}
                        remove={() => {
                          choose(new Set([document.id]));
                          setEvery(false);
                          setDeleting(true);
                        }}
                        show={() => show(document)}
                      />
                    ) : (
                      <Cell>
                        <Skeleton height={18} />
                      </Cell>
                    )}
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      ) : null}
      <AddDocuments knowledge={id} opened={adding} close={() => setAdding(false)} />
      <LogDialog document={shown} close={() => show(null)} retry={(one) => run({ action: "retry" }, [one])} />
      <Modal
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={tn(every ? rows.count : chosen.size, "Delete {n} document?", "Delete {n} documents?")}
      >
        <p className={classes.flush}>
          {t("Their chunks and edits go with them. A saved version of the knowledge base brings them back.")}
        </p>
        <Group justify="flex-end" mt="md">
          <Button variant="default" data-autofocus onClick={() => setDeleting(false)}>
            {t("Keep them")}
          </Button>
          <Button
            color="red"
            onClick={() => {
              setDeleting(false);
              runChosen({ action: "delete" });
            }}
          >
            {t("Delete")}
          </Button>
        </Group>
      </Modal>
      <TagsDialog
        opened={tagged}
        close={() => tag(false)}
        apply={(action, tags) => runChosen({ action, tags })}
      />
    </section>
  );
}

/** How far all is that is being worked on; nothing while the base rests. */
function InAll({ knowledge }: { knowledge: Knowledge }) {
  const { count, over, progress } = knowledge.batch;
  if (!knowledge.active_count || count < 2) return null;
  return (
    <div className={classes.uploads} role="status">
      <div className={classes.uploading}>
        <span>{t("{done} of {all} documents are done", { done: over, all: count })}</span>
        <progress max={1} value={progress} aria-label={t("Progress in all")} className={classes.wide} />
        <span className={classes.number}>{Math.floor(progress * 100)} %</span>
      </div>
    </div>
  );
}

interface CellProps {
  className?: string | undefined;
  title?: string;
  children: ReactNode;
}

function Heading(props: CellProps) {
  // biome-ignore lint/a11y/useSemanticElements: a table whose rows are drawn as they come into sight
  // biome-ignore lint/a11y/useFocusableInteractive: the head of a table takes no focus
  return <span role="columnheader" {...props} />;
}

function Cell(props: CellProps) {
  // biome-ignore lint/a11y/useSemanticElements: as above
  return <span role="cell" {...props} />;
}

interface RowProps {
  document: SourceDocument;
  chosen: boolean;
  choose: (on: boolean) => void;
  run: (action: Action["action"]) => void;
  /** Asks first. */
  remove: () => void;
  show: () => void;
}

function Row({ document, chosen, choose, run, remove, show }: RowProps) {
  const failed = document.state === "failed";
  const replace = useReplace(document.knowledge);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Cell>
        <Checkbox
          aria-label={t("Choose {name}", { name: document.name })}
          checked={chosen}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
      </Cell>
      <Cell className={classes.name} title={document.name}>
        <Link to={`/knowledge/${document.knowledge}/documents/${document.id}`}>{document.name}</Link>
        {failed && document.error ? (
          <button type="button" className={classes.why} onClick={show}>
            {t("Why: {reason}", { reason: serverWords(document.error.message) })}
          </button>
        ) : document.remarks.length ? (
          <button type="button" className={classes.remark} onClick={show}>
            {serverWords(document.remarks[0] ?? "")}
          </button>
        ) : null}
      </Cell>
      <Cell>
        <DocumentMark document={document} />
      </Cell>
      <Cell className={classes.number}>{document.size ? formatBytes(document.size) : "–"}</Cell>
      <Cell className={classes.number}>
        {document.chunk_count ? formatNumber(document.chunk_count) : "–"}
      </Cell>
      <Cell>{document.language ? languageName(document.language) : "–"}</Cell>
      <Cell className={classes.tags}>
        {document.tags?.map((one) => (
          <span key={one}>{one}</span>
        ))}
      </Cell>
      <Cell>
        <Menu>
          <Menu.Target>
            <ActionIcon aria-label={t("More for {name}", { name: document.name })}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={show}>{t("Log")}</Menu.Item>
            <Menu.Item component="a" href={`/api/v1/documents/${document.id}/original`} download>
              {t("Download the original")}
            </Menu.Item>
            <Menu.Item onClick={() => run(failed || document.state === "cancelled" ? "retry" : "reparse")}>
              {failed || document.state === "cancelled" ? t("Retry") : t("Parse again")}
            </Menu.Item>
            <Menu.Item onClick={() => input.current?.click()}>{t("Replace the file")}</Menu.Item>
            {document.source ? (
              <Menu.Item onClick={() => run("refetch")}>{t("Fetch again")}</Menu.Item>
            ) : null}
            {OVER.includes(document.state) ? null : (
              <Menu.Item onClick={() => run("cancel")}>{t("Stop")}</Menu.Item>
            )}
            <Menu.Item onClick={() => run(document.enabled ? "disable" : "enable")}>
              {document.enabled ? t("Leave out of searches") : t("Search it")}
            </Menu.Item>
            <Menu.Item color="red" onClick={remove}>
              {t("Delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t("Another file for {name}", { name: document.name })}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (file) replace.mutate({ id: document.id, file }, { onError: tell.failure });
          }}
        />
      </Cell>
    </>
  );
}
