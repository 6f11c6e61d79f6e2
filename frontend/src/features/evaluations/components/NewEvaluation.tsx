import { Button, Group, Modal, NumberInput, Select, Skeleton, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { fieldsOf, type Settings, SettingsFields, settingsOf } from "@/features/compute";
import { useModels } from "@/features/hub";
import { usageBrief } from "@/features/runs";
import { useDatasets } from "@/features/tuning";
import { asApiError } from "@/shared/api";
import { t, tn } from "@/shared/i18n";
import { formatDuration, formatNumber } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import {
  type EvaluationForm,
  type Metric,
  useFlowChoice,
  useMetrics,
  usePlan,
  usePorts,
  useStartEvaluation,
  useVersions,
} from "../api/evaluations";
import { versionWords } from "../model/words";
import classes from "./evaluations.module.css";

interface Props {
  close: () => void;
  started: (id: string) => void;
}

/** What to measure and how, and what that takes, before anything starts. */
export function NewEvaluation({ close, started }: Props) {
  const flows = useFlowChoice().data ?? [];
  const datasets = useDatasets().data ?? [];
  const metrics = useMetrics().data ?? [];
  const [form, setForm] = useState<Partial<EvaluationForm>>({});
  const [settings, setSettings] = useState<Settings>({});
  const set = (changed: Partial<EvaluationForm>) => setForm({ ...form, ...changed });
  const flow = form.flow ?? null;
  const version = form.version ?? "draft";
  const versions = useVersions(flow).data ?? [];
  const ports = usePorts(flow, version).data;
  const metric = metrics.find((one) => one.key === (form.metric ?? "contains")) ?? metrics[0];
  const fields = fieldsOf(metric?.schema ?? {});
  const dataset = form.dataset ?? null;
  const whole: EvaluationForm | undefined =
    flow && dataset && metric
      ? {
          flow,
          version,
          dataset,
          metric: metric.key,
          settings: settingsOf(fields, settings),
          name: form.name ?? "",
          input: form.input ?? "",
          output: form.output ?? "",
          inputs: form.inputs ?? {},
          threshold: form.threshold ?? null,
          limit: form.limit ?? null,
          reuse: form.reuse ?? true,
        }
      : undefined;
  const [asked] = useDebouncedValue(whole && JSON.stringify({ ...whole, name: "" }), 300);
  const plan = usePlan(asked ? (JSON.parse(asked) as EvaluationForm) : undefined);
  const start = useStartEvaluation();
  const wrong = problemsOf(plan.error ?? start.error);
  const question = form.input || plan.data?.input || "";
  const others = (ports?.takes ?? []).filter((port) => port.required && port.name !== question);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (whole) start.mutate(whole, { onSuccess: ({ id }) => started(id) });
  };
  return (
    <Modal opened onClose={close} size="xl" title={t("New evaluation")}>
      <form onSubmit={submit} className={classes.form}>
        <div className={classes.pair}>
          <Select
            label={t("Flow")}
            placeholder={t("Choose a flow")}
            searchable
            data-autofocus
            data={flows.map((one) => ({ value: one.id, label: one.name }))}
            value={flow}
            onChange={(id) =>
              setForm({ ...form, flow: id ?? undefined, version: "draft", input: "", output: "", inputs: {} })
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
            value={dataset}
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
              value={form.output || plan.data?.output || null}
              onChange={(name) => set({ output: name ?? "" })}
              error={wrong.output}
            />
            <Switch
              label={t("Use results again")}
              description={t("A step that was computed before from the same is not computed anew.")}
              checked={form.reuse ?? true}
              onChange={(event) => set({ reuse: event.currentTarget.checked })}
            />
          </div>
        </details>
        <Takes plan={plan.data} metric={metric} waits={plan.isFetching} />
        {plan.error && !plan.isFetching ? <Problem error={plan.error} /> : null}
        {start.error ? <Problem error={start.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={start.isPending} disabled={!plan.data || plan.isError}>
            {plan.data ? tn(plan.data.runs, "Start {n} run", "Start {n} runs") : t("Start")}
          </Button>
        </Group>
      </form>
    </Modal>
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

interface TakesProps {
  plan: ReturnType<typeof usePlan>["data"];
  metric: Metric | undefined;
  waits: boolean;
}

/** How many runs it is, how long it may take and what it may cost. */
function Takes({ plan, metric, waits }: TakesProps) {
  if (!plan) return waits ? <Skeleton height={44} role="status" aria-label={t("Loading")} /> : null;
  const facts = [
    tn(plan.runs, "{n} run", "{n} runs"),
    plan.seconds === null
      ? t("how long is known once the flow has run")
      : t("about {time}", { time: formatDuration(plan.seconds) }),
    ...usageBrief(plan.usage),
    ...(metric?.asks_a_model
      ? [
          tn(
            plan.runs,
            "and {n} question to the model that measures",
            "and {n} questions to the model that measures",
          ),
        ]
      : []),
  ];
  return (
    <p className={classes.takes} role="status" aria-busy={waits}>
      {facts.join(" · ")}
    </p>
  );
}

function typed(text: string, type: string): unknown {
  if (type === "number") return Number(text);
  if (type === "boolean") return text === "true";
  return text;
}

/** By name of the field what the server found wrong with it. */
function problemsOf(error: unknown): Record<string, string> {
  if (!error) return {};
  const { extra, words } = asApiError(error);
  const { path } = extra as { path?: string };
  return path ? { [path.split("/").at(-1) ?? ""]: words } : {};
}
