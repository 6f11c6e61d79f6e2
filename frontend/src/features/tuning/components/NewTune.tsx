import { Button, Code, Group, Modal, NumberInput, Select, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { fieldsOf, type Settings, SettingsFields, settingsOf, useBackends } from "@/features/compute";
import { RateField } from "@/features/serving";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { reasonWords } from "@/shared/i18n/reasons";
import { serverWords } from "@/shared/i18n/server";
import { formatBytes, formatDuration, formatNumber } from "@/shared/lib/format";
import { CopyButton, Problem } from "@/shared/ui";
import { useDatasets } from "../api/datasets";
import {
  type Base,
  type TuneChoice,
  type TuneForm,
  useBases,
  useChoice,
  usePlaces,
  useStartTune,
  useWishSchema,
} from "../api/tuning";
import { costWords, Places } from "./Places";
import { methodName, Plan, Warnings } from "./Plan";
import classes from "./tuning.module.css";

interface Props {
  /** The version of a dataset to begin with. */
  version: string | undefined;
  close: () => void;
  started: (id: string) => void;
}

const FIRST = ["method", "epochs", "learning_rate"];
/** What a vendor can be asked for; the rest is its own to choose. */
const VENDORS = ["method", "epochs", "batch", "system", "seed"];

/** What to learn from, and what would be done, before anything starts. */
export function NewTune({ version: given, close, started }: Props) {
  const bases = useBases();
  const datasets = useDatasets().data ?? [];
  const backends = useBackends().data ?? [];
  const schema = fieldsOf(useWishSchema().data ?? {});
  const usable = bases.data?.filter((one) => !one.problem) ?? [];
  const [chosenBase, setBase] = useState<string | null>(null);
  const [chosenVersion, setVersion] = useState<string | null>(given ?? null);
  const [name, setName] = useState("");
  const [validation, setValidation] = useState(10);
  const [backend, setBackend] = useState<string | null>(null);
  const [wish, setWish] = useState<Settings>({});
  const [gpus, setGpus] = useState(0);
  const [gpuMemory, setGpuMemory] = useState(0);
  const base = chosenBase ?? usable[0]?.name ?? null;
  const vendor = usable.find((one) => one.name === base)?.where ?? "";
  const fields = vendor ? schema.filter((one) => VENDORS.includes(one.name)) : schema;
  const here = backends.find((one) => one.always)?.id;
  const place = vendor ? base : (backend ?? here ?? null);
  const version = chosenVersion ?? datasets[0]?.versions[0]?.id ?? null;
  const form: TuneForm | undefined =
    base && version
      ? {
          base,
          version,
          name,
          trainer: "",
          validation: validation / 100,
          backend: vendor ? null : backend,
          gpus,
          gpu_memory_gb: gpuMemory,
          wish: settingsOf(fields, wish),
        }
      : undefined;
  const [asked] = useDebouncedValue(form && JSON.stringify({ ...form, name: "" }), 350);
  const settled = asked ? (JSON.parse(asked) as TuneForm) : undefined;
  const choice = useChoice(settled);
  const places = usePlaces(vendor || !settled ? undefined : { ...settled, backend: null });
  const start = useStartTune();
  const wrong = problemsOf(choice.error ?? start.error);
  const change = (field: string, value: unknown) => setWish({ ...wish, [field]: value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (form) start.mutate(form, { onSuccess: ({ id }) => started(id) });
  };
  const common = { values: wish, kept: [], wrong, change };
  return (
    <Modal opened onClose={close} size="xl" title={t("New fine-tune")}>
      <form onSubmit={submit} className={classes.form}>
        <div className={classes.pair}>
          <Select
            label={t("Base model")}
            placeholder={t("Choose a model")}
            searchable
            data={grouped(bases.data ?? [])}
            value={base}
            onChange={setBase}
            description={
              bases.data && !usable.length
                ? t("There is none yet. The page Models brings the first one, or run `make local-models`.")
                : undefined
            }
          />
          <Select
            label={t("Dataset")}
            placeholder={t("Choose a dataset")}
            data={datasets.map((dataset) => ({
              group: dataset.name,
              items: dataset.versions.map((one) => ({
                value: one.id,
                label: `${dataset.name} · ${one.number} (${formatNumber(one.examples)})`,
              })),
            }))}
            value={version}
            onChange={setVersion}
            description={datasets.length ? undefined : t("There is none yet; upload one on this page.")}
          />
          <TextInput
            label={t("Name")}
            placeholder={t("By base and dataset")}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NumberInput
            label={t("Kept apart to measure on, in %")}
            description={t("Examples it does not learn from.")}
            min={0}
            max={50}
            value={validation}
            onChange={(next) => setValidation(Number(next) || 0)}
            error={wrong.validation}
          />
          <SettingsFields fields={fields.filter((one) => FIRST.includes(one.name))} {...common} />
        </div>
        <details className={classes.more}>
          <summary>{t("More settings")}</summary>
          <div className={classes.pair}>
            <SettingsFields fields={fields.filter((one) => !FIRST.includes(one.name))} {...common} />
          </div>
        </details>
        {vendor || !places.data ? null : (
          <Places places={places.data} chosen={place} choose={setBackend} waits={places.isFetching} />
        )}
        <div className={classes.pair} data-end>
          {place ? (
            <RateField
              key={place}
              place={place}
              label={
                vendor ? t("Price of a million trained tokens") : t("Price of an hour there, of each GPU")
              }
            />
          ) : null}
          {vendor || !backends.some((one) => !one.always) ? null : (
            <>
              <NumberInput
                label={t("GPUs to ask a cluster for")}
                placeholder={t("none")}
                min={0}
                max={64}
                value={gpus || ""}
                onChange={(next) => setGpus(Number(next) || 0)}
              />
              <NumberInput
                label={t("GiB of each")}
                placeholder="80"
                min={0}
                max={1024}
                value={gpuMemory || ""}
                onChange={(next) => setGpuMemory(Number(next) || 0)}
              />
            </>
          )}
        </div>
        <Preview choice={choice.data} vendor={vendor} waits={choice.isFetching} />
        {choice.error && !choice.isFetching ? <Problem error={choice.error} /> : null}
        {start.error ? <Problem error={start.error} /> : null}
        {start.isPending && !vendor ? (
          <p className={classes.quiet} role="status">
            {t("The first start asks the framework whether it runs here, which may take half a minute.")}
          </p>
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={start.isPending} disabled={!choice.data || choice.isError}>
            {t("Start the fine-tune")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** The models by where they are trained; those that can't be say why. */
function grouped(bases: Base[]) {
  const places = [...new Set(bases.map((one) => one.where))];
  return places.map((where) => ({
    group: where || t("Weights of your own"),
    items: bases
      .filter((one) => one.where === where)
      .map((one) => ({
        value: one.name,
        label: one.problem ? `${one.name}: ${serverWords(one.problem)}` : one.name,
        disabled: Boolean(one.problem),
      })),
  }));
}

interface PreviewProps {
  choice: TuneChoice | undefined;
  vendor: string;
  waits: boolean;
}

function Preview({ choice, vendor, waits }: PreviewProps) {
  if (!choice) return waits ? <Skeleton height={90} role="status" aria-label={t("Loading")} /> : null;
  const { plan, measured } = choice;
  const online = plan.trainer === "online";
  const own: [string, string][] = online
    ? [[t("Trained tokens"), t("about {n}", { n: formatNumber(Number(plan.trained_tokens)) })]]
    : [
        [t("Training steps"), formatNumber(Number(plan.steps))],
        [t("Time"), t("about {time}", { time: formatDuration(Number(plan.seconds)) })],
        [t("Memory"), formatBytes(Number(plan.memory))],
      ];
  const facts: [string, string][] = [
    online ? [t("Provider"), vendor] : [t("Framework"), String(plan.trainer)],
    [t("Method"), methodName(plan.method)],
    ...own,
    ...(choice.cost === null
      ? []
      : [[t("Cost"), t("about {n}", { n: costWords(choice.cost) })] as [string, string]]),
    [t("Learned from"), formatNumber(Number(measured.examples))],
    [t("Kept apart"), formatNumber(Number(measured.validation))],
    [t("Tokens, on average"), formatNumber(Math.round(Number(measured.mean)))],
    [t("Tokens, at most"), formatNumber(Number(measured.longest))],
  ];
  return (
    <section className={classes.form} aria-label={t("What would be done")} aria-busy={waits}>
      <dl className={classes.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Warnings of={plan} />
      <details className={classes.more}>
        <summary>{t("Every value, and why")}</summary>
        <Plan plan={{ ...plan, warnings: [] }} reason={choice.reason} />
        {choice.rejected.length ? (
          <ul className={classes.broken}>
            {choice.rejected.map((one) => (
              <li key={`${one.name}${one.reason}`}>
                <Code>{one.name}</Code> {reasonWords(one.reason)}
              </li>
            ))}
          </ul>
        ) : null}
      </details>
      {choice.texts.length ? (
        <details className={classes.more}>
          <summary>
            {online ? t("The first examples, as they are sent") : t("The first batch, as the model reads it")}
          </summary>
          <pre className={classes.pre}>{choice.texts.join("\n")}</pre>
        </details>
      ) : null}
      {choice.command ? (
        <details className={classes.more}>
          <summary>{t("The exact command")}</summary>
          <div className={classes.head} style={{ marginBlockEnd: 0 }}>
            <CopyButton text={() => choice.command} />
          </div>
          <pre className={classes.pre}>{choice.command}</pre>
        </details>
      ) : null}
    </section>
  );
}

/** By name of the setting what the server found wrong with it. */
function problemsOf(error: unknown): Record<string, string> {
  if (!error) return {};
  const { extra, message } = asApiError(error);
  const { problems, path } = extra as { problems?: { path: string; message: string }[]; path?: string };
  const all = problems ?? (path ? [{ path, message }] : []);
  return Object.fromEntries(all.map((one) => [one.path.split("/").at(-1) ?? "", one.message]));
}
