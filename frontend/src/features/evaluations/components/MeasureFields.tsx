import { NumberInput, Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { fieldsOf, type Settings, SettingsFields } from "@/features/compute";
import { useModels } from "@/features/hub";
import { useDatasets } from "@/features/tuning";
import { t } from "@/shared/i18n";
import { formatNumber } from "@/shared/lib/format";
import { type Metric, useFlowChoice, useMetrics, usePorts, useVersions } from "../api/evaluations";
import type { Measure } from "../model/measure";
import { versionWords } from "../model/words";
import classes from "./evaluations.module.css";

interface Props {
  measure: Measure;
  /** By name of a field what the server found wrong with it. */
  wrong: Record<string, string>;
  /** The ports that are taken where none are chosen. */
  planned: { input: string; output: string } | undefined;
  /** Further settings that few people change. */
  children?: ReactNode;
}

/** Which flow is measured, on what, and how. */
export function MeasureFields({ measure, wrong, planned, children }: Props) {
  const { form, set, metric, settings, setSettings } = measure;
  const flows = useFlowChoice().data ?? [];
  const datasets = useDatasets().data ?? [];
  const metrics = useMetrics().data ?? [];
  const flow = form.flow ?? null;
  const version = form.version ?? "draft";
  const versions = useVersions(flow).data ?? [];
  const ports = usePorts(flow, version).data;
  const question = form.input || planned?.input || "";
  const others = (ports?.takes ?? []).filter((port) => port.required && port.name !== question);
  return (
    <>
      <div className={classes.pair}>
        <Select
          label={t("Flow")}
          placeholder={t("Choose a flow")}
          searchable
          data-autofocus
          data={flows.map((one) => ({ value: one.id, label: one.name }))}
          value={flow}
          onChange={(id) =>
            set({ flow: id ?? undefined, version: "draft", input: "", output: "", inputs: {} })
          }
          error={wrong.flow}
        />
        <Select
          label={t("Version")}
          allowDeselect={false}
          data={["draft", ...versions.map((one) => String(one.number))].map((one) => ({
            value: one,
            label: versionWords(one),
          }))}
          value={version}
          onChange={(next) => set({ version: next ?? "draft" })}
          error={wrong.version}
        />
        <Select
          label={t("Dataset")}
          placeholder={t("Choose a dataset")}
          searchable
          data={datasets.map((one) => ({
            group: one.name,
            items: one.versions.map((made) => ({
              value: made.id,
              label: `${one.name} · ${made.number} (${formatNumber(made.examples)})`,
            })),
          }))}
          value={form.dataset ?? null}
          onChange={(id) => set({ dataset: id ?? undefined })}
          description={
            datasets.length ? undefined : t("There is none yet; upload one on the page Fine-tuning.")
          }
        />
        <Select
          label={t("Metric")}
          allowDeselect={false}
          data={metrics.map((one) => ({ value: one.key, label: t(one.title) }))}
          value={metric?.key ?? null}
          onChange={(key) => {
            setSettings({});
            set({ metric: key ?? undefined, threshold: null });
          }}
        />
      </div>
      {metric ? <p className={classes.quiet}>{t(metric.summary)}</p> : null}
      <div className={classes.pair}>
        <MetricFields metric={metric} values={settings} wrong={wrong} change={setSettings} />
        <NumberInput
          label={t("Good from a score of")}
          min={0}
          max={1}
          step={0.05}
          decimalScale={3}
          placeholder={String(metric?.good ?? "")}
          value={form.threshold ?? ""}
          onChange={(next) => set({ threshold: next === "" ? null : Number(next) })}
          error={wrong.threshold}
        />
        <NumberInput
          label={t("Only the first rows")}
          placeholder={t("All")}
          min={1}
          allowDecimal={false}
          value={form.limit ?? ""}
          onChange={(next) => set({ limit: next === "" ? null : Number(next) })}
          error={wrong.limit}
        />
        {others.map((port) => (
          <TextInput
            key={port.name}
            label={t("Input {name}, the same for all", { name: port.title || port.name })}
            value={String(form.inputs?.[port.name] ?? "")}
            onChange={({ currentTarget: { value } }) => {
              const { [port.name]: _, ...rest } = form.inputs ?? {};
              set({ inputs: value ? { ...rest, [port.name]: typed(value, port.type) } : rest });
            }}
            error={wrong[port.name]}
          />
        ))}
      </div>
      <details className={classes.more}>
        <summary>{t("More settings")}</summary>
        <div className={classes.pair}>
          <TextInput
            label={t("Name")}
            placeholder={t("By flow and dataset")}
            maxLength={100}
            value={form.name ?? ""}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <Select
            label={t("Input that gets the question")}
            data={ports?.takes.map((port) => port.name) ?? []}
            value={question || null}
            onChange={(name) => set({ input: name ?? "" })}
            error={wrong.input}
          />
          <Select
            label={t("Output with the answer")}
            data={ports?.gives.map((port) => port.name) ?? []}
            value={form.output || planned?.output || null}
            onChange={(name) => set({ output: name ?? "" })}
            error={wrong.output}
          />
          {children}
        </div>
      </details>
    </>
  );
}

interface MetricFieldsProps {
  metric: Metric | undefined;
  values: Settings;
  wrong: Record<string, string>;
  change: (values: Settings) => void;
}

/** The settings of a metric; a model is chosen among those for its job. */
function MetricFields({ metric, values, wrong, change }: MetricFieldsProps) {
  const models = useModels().data ?? [];
  if (!metric) return null;
  const set = (name: string, value: unknown) => change({ ...values, [name]: value });
  const properties = (metric.schema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const fields = fieldsOf(metric.schema);
  const isModel = (name: string) => properties[name]?.["x-widget"] === "model";
  return (
    <>
      {fields
        .filter((one) => isModel(one.name))
        .map((one) => (
          <Select
            key={one.name}
            label={t(one.title)}
            description={t(one.description)}
            searchable
            data={[
              ...new Set([
                String(one.standard),
                ...models.filter(({ job }) => job === properties[one.name]?.["x-job"]).map(({ ref }) => ref),
              ]),
            ]}
            value={String(values[one.name] ?? one.standard)}
            onChange={(ref) => set(one.name, ref ?? undefined)}
            error={wrong[one.name]}
          />
        ))}
      <SettingsFields
        fields={fields.filter((one) => !isModel(one.name))}
        values={values}
        kept={[]}
        wrong={wrong}
        change={set}
      />
    </>
  );
}

function typed(text: string, type: string): unknown {
  if (type === "number") return Number(text);
  if (type === "boolean") return text === "true";
  return text;
}
