/** What is to be measured and how, as it is filled in: the same for an evaluation and for an experiment. */
import { useState } from "react";
import { fieldsOf, type Settings, settingsOf } from "@/features/compute";
import { asApiError } from "@/shared/api";
import { type EvaluationForm, type Metric, useMetrics } from "../api/evaluations";

/** What both forms ask for. */
export type MeasureForm = Omit<EvaluationForm, "overrides" | "reuse">;

export interface Measure {
  form: Partial<MeasureForm>;
  set: (changed: Partial<MeasureForm>) => void;
  metric: Metric | undefined;
  /** Of the metric. */
  settings: Settings;
  setSettings: (settings: Settings) => void;
  /** What is sent, once a flow and a dataset are chosen. */
  whole: MeasureForm | undefined;
}

export function useMeasure(initial: Partial<MeasureForm> = {}): Measure {
  const metrics = useMetrics().data ?? [];
  const [form, setForm] = useState(initial);
  const [settings, setSettings] = useState<Settings>(initial.settings ?? {});
  const metric = metrics.find((one) => one.key === (form.metric ?? "contains")) ?? metrics[0];
  const { flow, dataset } = form;
  return {
    form,
    set: (changed) => setForm((known) => ({ ...known, ...changed })),
    metric,
    settings,
    setSettings,
    whole:
      flow && dataset && metric
        ? {
            flow,
            version: form.version ?? "draft",
            dataset,
            metric: metric.key,
            settings: settingsOf(fieldsOf(metric.schema), settings),
            name: form.name ?? "",
            input: form.input ?? "",
            output: form.output ?? "",
            inputs: form.inputs ?? {},
            threshold: form.threshold ?? null,
            limit: form.limit ?? null,
          }
        : undefined,
  };
}

export interface Problems {
  /** Of what the server found wrong. */
  path: string | undefined;
  said: string;
  /** The same by the name of its field. */
  fields: Record<string, string>;
}

export function problemsOf(error: unknown): Problems {
  if (!error) return { path: undefined, said: "", fields: {} };
  const { extra, words } = asApiError(error);
  const { path } = extra as { path?: string };
  return { path, said: words, fields: path ? { [path.split("/").at(-1) ?? ""]: words } : {} };
}
