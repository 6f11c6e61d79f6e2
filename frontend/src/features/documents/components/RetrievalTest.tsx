import { ActionIcon, Button, Checkbox, Group, Skeleton, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { t, tn } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { Empty, Failure, Problem, tell } from "@/shared/ui";
import {
  type Hit,
  type Knowledge,
  type SearchResult,
  type SearchSettings,
  useCaseChange,
  useCases,
  useOptions,
  useRunCases,
  useSearch,
  useUpdateKnowledge,
} from "../api/knowledge";
import classes from "./Knowledge.module.css";
import { SearchForm } from "./SearchForm";
import { UseInFlow } from "./UseInFlow";

/** Tries a question: what is found, by which stage, how fast; two settings beside each other. */
export function RetrievalTest({ knowledge }: { knowledge: Knowledge }) {
  const options = useOptions();
  if (options.isError && !options.data) return <Failure error={options.error} retry={options.refetch} />;
  if (!options.data) return <Skeleton height={240} radius="lg" />;
  return <Test knowledge={knowledge} usual={{ ...options.data.default_search, ...knowledge.search }} />;
}

function Test({ knowledge, usual }: { knowledge: Knowledge; usual: SearchSettings }) {
  const [query, setQuery] = useState("");
  const [left, setLeft] = useState<SearchSettings>(usual);
  const [right, setRight] = useState<SearchSettings>({ ...usual, mode: "dense" });
  const [two, setTwo] = useState(false);
  const first = useSearch(knowledge.id);
  const second = useSearch(knowledge.id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!query.trim()) return;
    first.mutate({ query, settings: left });
    if (two) second.mutate({ query, settings: right });
  };
  const groups = knowledge.groups.map((group) => group.name);
  const sides = [
    { label: two ? t("Settings A") : t("Settings"), settings: left, set: setLeft, search: first },
    ...(two ? [{ label: t("Settings B"), settings: right, set: setRight, search: second }] : []),
  ];
  return (
    <div className={classes.stack}>
      <form onSubmit={submit} className={classes.tools}>
        <TextInput
          className={classes.grow}
          aria-label={t("Question")}
          placeholder={t("Ask what a person would ask")}
          maxLength={2000}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <Checkbox
          label={t("Compare two settings")}
          checked={two}
          onChange={(event) => setTwo(event.currentTarget.checked)}
        />
        <Button type="submit" loading={first.isPending || second.isPending} disabled={!query.trim()}>
          {t("Search")}
        </Button>
      </form>
      <div className={classes.sides} data-two={two || undefined}>
        {sides.map(({ label, settings, set, search }) => (
          <section key={label} className={classes.side} aria-label={label}>
            <SearchForm
              label={label}
              knowledge={knowledge}
              settings={settings}
              groups={groups}
              change={set}
            />
            <Keep knowledge={knowledge} settings={settings} />
            {search.error ? <Problem error={search.error} /> : null}
            {search.isPending ? <Skeleton height={160} radius="lg" /> : null}
            {search.data && !search.isPending ? (
              <Found knowledge={knowledge} query={search.variables?.query ?? query} result={search.data} />
            ) : null}
          </section>
        ))}
      </div>
      <Cases knowledge={knowledge} settings={left} />
    </div>
  );
}

function Keep({ knowledge, settings }: { knowledge: Knowledge; settings: SearchSettings }) {
  const update = useUpdateKnowledge(knowledge.id);
  const [using, use] = useDisclosure(false);
  return (
    <Group gap="xs">
      <Button
        size="xs"
        variant="default"
        loading={update.isPending}
        onClick={() =>
          update.mutate(
            { search: settings },
            {
              onError: tell.failure,
              onSuccess: () => tell.done(t("These are the base's settings now.")),
            },
          )
        }
      >
        {t("Save as default")}
      </Button>
      <Button size="xs" variant="default" onClick={use.open}>
        {t("Use in a flow")}
      </Button>
      <UseInFlow knowledge={knowledge} settings={settings} opened={using} close={use.close} />
    </Group>
  );
}

const STAGES = ["dense", "text", "fused", "reranked"] as const;

function stageName(stage: string): string {
  switch (stage) {
    case "dense":
      return t("meaning");
    case "text":
      return t("words");
    case "fused":
      return t("fused");
    case "reranked":
      return t("reranked");
    case "embed":
      return t("embedding");
    case "fuse":
      return t("fusing");
    case "rerank":
      return t("reranking");
    case "load":
      return t("loading");
    default:
      return t("in all");
  }
}

function Found({ knowledge, query, result }: { knowledge: Knowledge; query: string; result: SearchResult }) {
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const { keep } = useCaseChange(knowledge.id);
  const hits = result.hits ?? [];
  return (
    <div className={classes.stack}>
      <p className={classes.quiet} role="status">
        {tn(hits.length, "{n} chunk found", "{n} chunks found")}
        {Object.entries(result.timings ?? {}).map(([stage, seconds]) => (
          <span key={stage}>
            {" · "}
            {stageName(stage)} {formatDuration(seconds)}
          </span>
        ))}
      </p>
      {result.remarks?.map((remark) => (
        <p key={remark} className={classes.building}>
          {remark}
        </p>
      ))}
      {hits.length === 0 ? (
        <Empty title={t("Nothing was found")}>{t("Try other words, or a lower threshold.")}</Empty>
      ) : null}
      <ol className={classes.hits}>
        {hits.map((hit) => (
          <li key={hit.chunk_id}>
            <HitView
              hit={hit}
              chosen={chosen.has(hit.chunk_id)}
              choose={(on) => {
                const next = new Set(chosen);
                if (on) next.add(hit.chunk_id);
                else next.delete(hit.chunk_id);
                choose(next);
              }}
            />
          </li>
        ))}
      </ol>
      {chosen.size ? (
        <Button
          size="xs"
          loading={keep.isPending}
          onClick={() =>
            keep.mutate(
              {
                query,
                expected: hits
                  .filter((hit) => chosen.has(hit.chunk_id))
                  .map((hit) => ({
                    chunk_id: hit.chunk_id,
                    document_id: hit.document_id,
                    quote: (hit.matched || hit.text).slice(0, 300),
                  })),
              },
              {
                onError: tell.failure,
                onSuccess: () => {
                  choose(new Set());
                  tell.done(t("Kept as a test case."));
                },
              },
            )
          }
        >
          {t("Keep as a test case: these should be found")}
        </Button>
      ) : null}
    </div>
  );
}

function HitView({ hit, chosen, choose }: { hit: Hit; chosen: boolean; choose: (on: boolean) => void }) {
  const page = hit.places?.[0]?.page;
  return (
    <article className={classes.hit}>
      <header>
        <Checkbox
          size="xs"
          aria-label={t("This should be found")}
          checked={chosen}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
        <Link to={`/knowledge/${hit.knowledge}/documents/${hit.document_id}?chunk=${hit.chunk_id}`}>
          {hit.title}
        </Link>
        {page ? <span className={classes.quiet}>{t("page {n}", { n: page })}</span> : null}
        <span className={classes.scores}>
          {STAGES.map((stage) => {
            const score = hit.scores?.[stage];
            return score === null || score === undefined ? null : (
              <span key={stage} title={stageName(stage)}>
                {stageName(stage)} <b>{score.toFixed(3)}</b>
              </span>
            );
          })}
        </span>
      </header>
      {hit.heading_path?.length ? <p className={classes.path}>{hit.heading_path.join(" › ")}</p> : null}
      <p className={classes.text}>{hit.text}</p>
    </article>
  );
}

function Cases({ knowledge, settings }: { knowledge: Knowledge; settings: SearchSettings }) {
  const cases = useCases(knowledge.id);
  const { remove } = useCaseChange(knowledge.id);
  const run = useRunCases(knowledge.id);
  const results = new Map(run.data?.cases.map((one) => [one.id, one]));
  if (!cases.data?.length)
    return cases.isPending ? null : (
      <p className={classes.quiet}>
        {t("Mark what should be found and keep it as a test case: then all cases can be run at once.")}
      </p>
    );
  return (
    <section className={classes.panel} aria-label={t("Test cases")}>
      <Group justify="space-between">
        <h2 className={classes.title}>{t("Test cases")}</h2>
        <Group gap="sm">
          {run.data ? (
            <span role="status">
              {t("recall@{k}", { k: run.data.k })} <b>{run.data.recall.toFixed(2)}</b> · MRR{" "}
              <b>{run.data.mrr.toFixed(2)}</b> · {formatDuration(run.data.seconds)}
            </span>
          ) : null}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPlay size={14} />}
            loading={run.isPending}
            onClick={() => run.mutate(settings)}
          >
            {t("Run all with the settings above")}
          </Button>
        </Group>
      </Group>
      {run.error ? <Problem error={run.error} /> : null}
      <ul className={classes.cases}>
        {cases.data.map((one) => {
          const result = results.get(one.id);
          return (
            <li key={one.id}>
              <span className={classes.grow}>{one.query}</span>
              <span className={classes.quiet}>{tn(one.expected.length, "{n} passage", "{n} passages")}</span>
              {result ? (
                <span className={result.recall === 1 ? classes.good : classes.bad}>
                  {result.ranks.map((rank) => (rank === null ? "–" : `#${rank}`)).join(" ")}
                </span>
              ) : null}
              <ActionIcon
                aria-label={t("Remove {name}", { name: one.query })}
                onClick={() => remove.mutate(one.id)}
              >
                <IconTrash size={15} />
              </ActionIcon>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
