import {
  Autocomplete,
  Collapse,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { useState } from "react";
import type { Schemas } from "@/shared/api";
import { t } from "@/shared/i18n";
import { useFacets } from "../api/documents";
import { type Knowledge, type SearchSettings, useModels } from "../api/knowledge";
import classes from "./Knowledge.module.css";

interface Props {
  label: string;
  knowledge: Knowledge;
  settings: SearchSettings;
  groups: string[];
  change: (settings: SearchSettings) => void;
}

/** All that a search can be told. */
export function SearchForm({ label, knowledge, settings, groups, change }: Props) {
  const [more, setMore] = useState(false);
  const set = (part: Partial<SearchSettings>) => change({ ...settings, ...part });
  const number = (
    name: "top_k" | "candidates" | "rrf_k" | "dense_weight" | "window",
    words: string,
    most: number,
  ) => (
    <NumberInput
      label={words}
      min={name === "dense_weight" ? 0 : 1}
      max={most}
      step={name === "dense_weight" ? 0.1 : 1}
      value={settings[name] ?? ""}
      onChange={(next) => typeof next === "number" && set({ [name]: next })}
    />
  );
  const rerank: Rerank = settings.rerank ?? { by: "none", model: "", candidates: 20 };
  return (
    <fieldset className={classes.search}>
      <legend>{label}</legend>
      <SegmentedControl
        fullWidth
        aria-label={t("Search")}
        data={[
          { value: "hybrid", label: t("Both") },
          { value: "dense", label: t("By meaning") },
          { value: "text", label: t("By words") },
        ]}
        value={settings.mode ?? "hybrid"}
        onChange={(mode) => set({ mode: mode as SearchSettings["mode"] })}
      />
      <div className={classes.fields}>
        {number("top_k", t("Results"), 200)}
        <Select
          label={t("Reranker")}
          allowDeselect={false}
          data={[
            { value: "none", label: t("None") },
            { value: "keyword", label: t("Words of the question") },
            { value: "embedding", label: t("Embedding model") },
            { value: "model", label: t("Reranking model") },
            { value: "rrf", label: t("By rank") },
          ]}
          value={rerank.by ?? "none"}
          onChange={(by) => set({ rerank: { ...rerank, by: by as "none" } })}
        />
        {rerank.by !== "none" ? (
          <NumberInput
            label={t("Candidates for reranking")}
            min={1}
            max={200}
            value={rerank.candidates ?? 20}
            onChange={(next) => typeof next === "number" && set({ rerank: { ...rerank, candidates: next } })}
          />
        ) : null}
        {rerank.by === "model" || rerank.by === "embedding" ? (
          <Reranking settings={rerank} change={(next) => set({ rerank: next })} />
        ) : null}
        {groups.length > 1 ? (
          <MultiSelect
            label={t("Node groups")}
            data={groups}
            value={settings.groups?.length ? settings.groups : groups.slice(0, 1)}
            onChange={(chosen) => set({ groups: chosen })}
          />
        ) : null}
      </div>
      <UnstyledButton className={classes.quiet} aria-expanded={more} onClick={() => setMore(!more)}>
        {more ? t("Fewer settings") : t("More settings")}
      </UnstyledButton>
      <Collapse expanded={more}>
        <div className={classes.fields}>
          {number("candidates", t("Candidates"), 1000)}
          <Select
            label={t("Fusion")}
            allowDeselect={false}
            data={[
              { value: "rrf", label: t("By rank") },
              { value: "weights", label: t("By weight") },
            ]}
            value={settings.fusion ?? "weights"}
            onChange={(fusion) => set({ fusion: fusion as SearchSettings["fusion"] })}
          />
          {number("rrf_k", t("k of rrf"), 1000)}
          {number("dense_weight", t("Weight of meaning"), 1)}
          <NumberInput
            label={t("Lowest score")}
            step={0.05}
            value={settings.threshold ?? ""}
            onChange={(next) => set({ threshold: typeof next === "number" ? next : null })}
          />
          <Select
            label={t("Widen")}
            allowDeselect={false}
            data={[
              { value: "none", label: t("No") },
              { value: "window", label: t("Chunks before and after") },
              { value: "parent", label: t("The larger chunk around it") },
            ]}
            value={settings.expand ?? "none"}
            onChange={(expand) => set({ expand: expand as SearchSettings["expand"] })}
          />
          {settings.expand === "window" ? number("window", t("Chunks before and after"), 10) : null}
        </div>
        <Filters knowledge={knowledge} settings={settings} change={(filters) => set({ filters })} />
      </Collapse>
    </fieldset>
  );
}

type Filters = SearchSettings["filters"];
type One = Schemas["Compare"];

/** Only chunks whose facts fit: by language and tag here, by anything as JSON. */
function Filters({
  knowledge,
  settings,
  change,
}: {
  knowledge: Knowledge;
  settings: SearchSettings;
  change: (filters: Filters) => void;
}) {
  const facets = useFacets(knowledge.id, knowledge.updated_at).data;
  const parts = partsOf(settings.filters);
  const simple = parts.every((part) => "field" in part && SIMPLE.has(part.field));
  const value = (field: string) =>
    (parts.find((part) => "field" in part && part.field === field) as One | undefined)?.value;
  const [text, setText] = useState<string | null>(null);
  const put = (field: string, part: One | null) => {
    const kept = parts.filter((one) => !("field" in one && one.field === field));
    const next = part ? [...kept, part] : kept;
    change(next.length > 1 ? { op: "and", filters: next } : (next[0] ?? null));
  };
  const shown = text ?? (settings.filters ? JSON.stringify(settings.filters) : "");
  return (
    <div className={classes.fields} data-second>
      {simple ? (
        <>
          <Select
            label={t("Only in the language")}
            placeholder={t("Any")}
            clearable
            data={facets?.languages ?? []}
            value={(value("language") as string | undefined) ?? null}
            onChange={(next) => put("language", next ? { field: "language", op: "eq", value: next } : null)}
          />
          <Select
            label={t("Only with the tag")}
            placeholder={t("Any")}
            clearable
            data={facets?.tags ?? []}
            value={(value("tags") as string | undefined) ?? null}
            onChange={(next) => put("tags", next ? { field: "tags", op: "contains", value: next } : null)}
          />
        </>
      ) : null}
      <TextInput
        label={t("Filter as JSON")}
        placeholder='{"field": "page", "op": "lte", "value": 10}'
        value={shown}
        error={
          text !== null && text.trim() !== "" && parsed(text) === undefined ? t("This is no JSON.") : null
        }
        onChange={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          if (!next.trim()) change(null);
          else if (parsed(next) !== undefined) change(parsed(next) as Filters);
        }}
        onBlur={() => parsed(shown) !== undefined && setText(null)}
      />
    </div>
  );
}

const SIMPLE = new Set(["language", "tags"]);

function partsOf(filters: Filters): (Schemas["Compare"] | Schemas["Combine"])[] {
  if (!filters) return [];
  return "filters" in filters && filters.op === "and" ? (filters.filters as Schemas["Compare"][]) : [filters];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Rerank = NonNullable<SearchSettings["rerank"]>;

function Reranking({ settings, change }: { settings: Rerank; change: (next: Rerank) => void }) {
  const job = settings.by === "model" ? "rerank" : "embedding";
  const models = useModels(job);
  const named = settings.model ?? "";
  return (
    <Autocomplete
      label={t("Model for reranking")}
      placeholder="connection/model"
      data={models.map((model) => model.ref)}
      value={named}
      onChange={(model) => change({ ...settings, model })}
    />
  );
}
