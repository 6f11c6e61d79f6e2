import { Button, Group, Modal, Skeleton, Switch } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { type FormEvent, useState } from "react";
import { usageBrief } from "@/features/runs";
import { t, tn } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import { type EvaluationForm, type Metric, usePlan, useStartEvaluation } from "../api/evaluations";
import { problemsOf, useMeasure } from "../model/measure";
import { judgeWords } from "../model/words";
import classes from "./evaluations.module.css";
import { MeasureFields } from "./MeasureFields";

interface Props {
  close: () => void;
  started: (id: string) => void;
}

/** What to measure and how, and what that takes, before anything starts. */
export function NewEvaluation({ close, started }: Props) {
  const measure = useMeasure();
  const [reuse, setReuse] = useState(true);
  const whole: EvaluationForm | undefined = measure.whole && { ...measure.whole, reuse };
  const [asked] = useDebouncedValue(whole && JSON.stringify({ ...whole, name: "" }), 300);
  const plan = usePlan(asked ? (JSON.parse(asked) as EvaluationForm) : undefined);
  const start = useStartEvaluation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (whole) start.mutate(whole, { onSuccess: ({ id }) => started(id) });
  };
  return (
    <Modal opened onClose={close} size="xl" title={t("New evaluation")}>
      <form onSubmit={submit} className={classes.form}>
        <MeasureFields
          measure={measure}
          wrong={problemsOf(plan.error ?? start.error).fields}
          planned={plan.data}
        >
          <Switch
            label={t("Use results again")}
            description={t("A step that was computed before from the same is not computed anew.")}
            checked={reuse}
            onChange={(event) => setReuse(event.currentTarget.checked)}
          />
        </MeasureFields>
        <Takes plan={plan.data} metric={measure.metric} waits={plan.isFetching} />
        {plan.error && !plan.isFetching ? <Problem error={plan.error} /> : null}
        {start.error ? <Problem error={start.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={start.isPending} disabled={!plan.data || plan.isError}>
            {plan.data ? tn(plan.data.runs, "Start {n} run", "Start {n} runs") : t("Start the evaluation")}
          </Button>
        </Group>
      </form>
    </Modal>
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
    ...judgeWords(metric, plan.runs),
  ];
  return (
    <p className={classes.takes} role="status" aria-busy={waits}>
      {facts.join(" · ")}
    </p>
  );
}
