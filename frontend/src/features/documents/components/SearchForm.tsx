import { Collapse, NumberInput, SegmentedControl, Select, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";
import type { SearchSettings } from "../api/knowledge";
import classes from "./Knowledge.module.css";

interface Props {
  label: string;
  settings: SearchSettings;
  groups: string[];
  change: (settings: SearchSettings) => void;
}

/** All that a search can be told. */
export function SearchForm({ label, settings, groups, change }: Props) {
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
        {groups.length > 1 ? (
          <Select
            label={t("Node group")}
            allowDeselect={false}
            data={groups}
            value={settings.groups?.[0] ?? groups[0] ?? null}
            onChange={(group) => group && set({ groups: [group] })}
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
            value={settings.fusion ?? "rrf"}
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
          {rerank.by === "model" || rerank.by === "embedding" ? (
            <Reranking settings={rerank} change={(next) => set({ rerank: next })} />
          ) : null}
        </div>
      </Collapse>
    </fieldset>
  );
}

type Rerank = NonNullable<SearchSettings["rerank"]>;

function Reranking({ settings, change }: { settings: Rerank; change: (next: Rerank) => void }) {
  return (
    <label className={classes.field}>
      <span>{t("Model for reranking")}</span>
      <input
        className={classes.plainInput}
        placeholder="connection/model"
        value={settings.model ?? ""}
        onChange={(event) => change({ ...settings, model: event.currentTarget.value })}
      />
    </label>
  );
}
