import { Button, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Model, useModels } from "@/features/hub";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import type { Tune } from "../api/tuning";
import { type Asking, useAsking } from "../model/asking";
import classes from "./tuning.module.css";

interface Props {
  tune: Tune;
  /** The model that was just served; what is known of older ones stands in the fine-tune. */
  served?: string;
}

/** The same question to two models, side by side. */
export function Compare({ tune, served }: Props) {
  const models = (useModels().data ?? []).filter((one) => one.job === "chat");
  const [chosen, setChosen] = useState<{ base?: string; tuned?: string }>({});
  const [question, setQuestion] = useState("");
  const [left, right] = [useAsking(), useAsking()];
  const base = chosen.base ?? baseOf(tune, models) ?? null;
  const tuned = chosen.tuned ?? served ?? tune.served[0] ?? null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const system = String(tune.plan.system ?? "");
    const messages = [
      ...(system ? [{ role: "system", content: system }] : []),
      { role: "user", content: question },
    ];
    if (base) void left.ask(base, messages);
    if (tuned) void right.ask(tuned, messages);
  };
  const options = models.map((one) => ({ value: one.ref, label: one.ref }));
  for (const ref of new Set([base, tuned]))
    if (ref && !models.some((one) => one.ref === ref)) options.push({ value: ref, label: ref });
  return (
    <form onSubmit={submit} className={classes.form} aria-label={t("Base and tuned, side by side")}>
      <div className={classes.sides}>
        <Side
          label={t("Base model")}
          options={options}
          value={base}
          change={(ref) => setChosen({ ...chosen, base: ref })}
          asking={left.asking}
        />
        <Side
          label={t("Tuned model")}
          options={options}
          value={tuned}
          change={(ref) => setChosen({ ...chosen, tuned: ref })}
          asking={right.asking}
        />
      </div>
      <div className={classes.head}>
        <TextInput
          aria-label={t("Question")}
          placeholder={t("Ask both the same")}
          style={{ flex: 1 }}
          value={question}
          onChange={(event) => setQuestion(event.currentTarget.value)}
        />
        {left.asking.busy || right.asking.busy ? (
          <Button
            variant="default"
            onClick={() => {
              left.stop();
              right.stop();
            }}
          >
            {t("Stop")}
          </Button>
        ) : (
          <Button type="submit" disabled={!question.trim() || !(base || tuned)}>
            {t("Ask")}
          </Button>
        )}
      </div>
    </form>
  );
}

/** What answers as the base itself: by its whole name, because what was made of it is often called after it. */
function baseOf(tune: Tune, models: Model[]): string | undefined {
  if (tune.online) return tune.base;
  const names = [tune.base, `${tune.base}-gguf`].map((name) => name.toLowerCase());
  return models.find((one) => names.includes(one.model.toLowerCase()))?.ref;
}

interface SideProps {
  label: string;
  options: { value: string; label: string }[];
  value: string | null;
  change: (ref: string | undefined) => void;
  asking: Asking;
}

function Side({ label, options, value, change, asking }: SideProps) {
  return (
    <div>
      <Select
        label={label}
        placeholder={t("Choose a model")}
        searchable
        data={options}
        value={value}
        onChange={(ref) => change(ref ?? undefined)}
      />
      <div className={classes.said} aria-live="polite" aria-busy={asking.busy}>
        {asking.error ? <Problem error={asking.error} /> : asking.text || (asking.busy ? "…" : "")}
      </div>
    </div>
  );
}
