import { ActionIcon, Button, Progress, Skeleton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconPlayerPlay,
  IconPlayerStopFilled,
  IconRocket,
  IconTrash,
  IconX,
} from "@tabler/icons-react";
import { useState } from "react";
import { JobView } from "@/features/compute";
import { StateMark } from "@/features/runs";
import { msg, t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatBytes, formatDuration, formatNumber } from "@/shared/lib/format";
import { Confirm, CopyButton, Failure, Problem, tell } from "@/shared/ui";
import { isOpen, type Tune, useCancelTune, useDeleteTune, useResumeTune } from "../api/tuning";
import { useLiveTune } from "../model/live";
import type { Sample, Told } from "../model/told";
import { Compare } from "./Compare";
import { LossChart } from "./LossChart";
import { methodName, Plan } from "./Plan";
import { ServeTune } from "./ServeTune";
import classes from "./tuning.module.css";

const STAGES: Record<string, string> = {
  loading: msg("Loads the model"),
  resuming: msg("Goes on from a checkpoint"),
  training: msg("Learns"),
  saving: msg("Saves what was learned"),
  merging: msg("Merges it into the model"),
  converting: msg("Writes the GGUF file"),
};

/** One fine-tune, as it goes and when it is done. */
export function TuneView({ id, close }: { id: string; close: () => void }) {
  const [again, setAgain] = useState(0);
  const { tune, told, error } = useLiveTune(id, again);
  if (!tune && error) return <Failure error={error} />;
  if (!tune) return <Skeleton height={320} radius="lg" mb="md" role="status" aria-label={t("Loading")} />;
  return (
    <section className={classes.card} aria-label={t("Fine-tune {name}", { name: tune.name })}>
      <header className={classes.head} style={{ marginBlockEnd: 0 }}>
        <StateMark state={tune.state} />
        <h3>{tune.name}</h3>
        <Actions tune={tune} close={close} resumed={() => setAgain((known) => known + 1)} />
      </header>
      {tune.error ? <Problem error={tune.error} /> : null}
      <Facts tune={tune} told={told} />
      {told.warnings.map((warning) => (
        <p key={warning} className={classes.warning}>
          <IconAlertTriangle size={16} aria-hidden /> {serverWords(warning)}
        </p>
      ))}
      {told.steps.length ? <LossChart steps={told.steps} /> : null}
      {told.samples.length ? <Samples samples={told.samples} /> : null}
      {tune.state === "succeeded" ? <Result tune={tune} /> : null}
      <details className={classes.more}>
        <summary>{t("What was chosen, and why")}</summary>
        <Plan plan={tune.plan} reason={tune.reason} />
        <div className={classes.head}>
          <span className={classes.quiet}>{t("The exact settings")}</span>
          <CopyButton text={() => JSON.stringify(tune.plan, null, 2)} />
        </div>
        <pre className={classes.pre}>{JSON.stringify(tune.plan, null, 2)}</pre>
      </details>
      {tune.job ? (
        <details className={classes.more}>
          <summary>{t("Command and log")}</summary>
          <JobView key={tune.job} id={tune.job} />
        </details>
      ) : null}
    </section>
  );
}

function Actions({ tune, close, resumed }: { tune: Tune; close: () => void; resumed: () => void }) {
  const [asked, ask] = useState(false);
  const [cancel, resume, remove] = [useCancelTune(), useResumeTune(), useDeleteTune()];
  return (
    <span className={classes.actions}>
      {isOpen(tune) ? (
        <Button
          size="compact-sm"
          color="red"
          variant="light"
          leftSection={<IconPlayerStopFilled size={14} />}
          loading={cancel.isPending}
          onClick={() => cancel.mutate(tune.id, { onError: tell.failure })}
        >
          {t("Stop")}
        </Button>
      ) : null}
      {!tune.online && (tune.state === "failed" || tune.state === "cancelled") ? (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerPlay size={14} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(tune.id, { onSuccess: resumed, onError: tell.failure })}
        >
          {t("Go on from the last checkpoint")}
        </Button>
      ) : null}
      {isOpen(tune) ? null : (
        <ActionIcon
          aria-label={t("Delete with everything it left")}
          title={t("Delete with everything it left")}
          loading={remove.isPending}
          onClick={() => ask(true)}
        >
          <IconTrash size={16} />
        </ActionIcon>
      )}
      <Confirm
        of={asked ? tune.id : null}
        title={t("Delete “{name}”?", { name: tune.name })}
        mutation={remove}
        done={close}
        close={() => ask(false)}
      >
        {t("Its checkpoints, its adapter and its log go with it. Nothing brings them back.")}
      </Confirm>
      <ActionIcon aria-label={t("Close")} onClick={close}>
        <IconX size={16} />
      </ActionIcon>
    </span>
  );
}

function Facts({ tune, told }: { tune: Tune; told: Told }) {
  const {
    step,
    steps,
    epoch,
    trained_tokens: trained,
    left,
    memory,
    examples_per_second: rate,
    seconds,
  } = tune.progress;
  const open = isOpen(tune);
  const facts: [string, string][] = [
    [t("Base model"), tune.base],
    [t("Dataset"), tune.dataset],
    [t("Method"), methodName(tune.plan.method)],
    [t("Step"), steps ? `${step} / ${steps}` : ""],
    [t("Provider"), String(tune.plan.provider ?? "")],
    [t("Trained tokens"), trained === undefined ? "" : formatNumber(Number(trained))],
    [t("Epoch"), epoch === undefined ? "" : formatNumber(Number(epoch))],
    [t("Examples per second"), rate === undefined ? "" : formatNumber(Number(rate))],
    [t("Memory"), memory === undefined ? "" : formatBytes(Number(memory))],
    open
      ? [t("Time left"), Number(left) > 0 ? formatDuration(Number(left)) : ""]
      : [t("Training took"), seconds === undefined ? "" : formatDuration(Number(seconds))],
  ];
  const stage = STAGES[told.stage];
  return (
    <>
      {open ? (
        <div>
          <Progress
            value={steps ? (100 * Number(step)) / Number(steps) : 0}
            size="sm"
            animated={tune.state === "running"}
            aria-label={t("Progress")}
          />
          <p className={classes.quiet} style={{ marginBlockStart: 4 }} aria-live="polite">
            {tune.state === "queued"
              ? serverWords(tune.waits) || t("Waits for its turn.")
              : stage
                ? t(stage)
                : t("Starts")}
          </p>
        </div>
      ) : null}
      <dl className={classes.facts}>
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}

function Samples({ samples }: { samples: Sample[] }) {
  return (
    <div>
      <h4>{t("What it answers as it learns")}</h4>
      <div className={classes.samples}>
        {samples.map(({ question, answers }) => (
          <div key={question} className={classes.sample}>
            <p>{question}</p>
            <ol>
              {answers.map(({ step, answer }) => (
                <li key={step}>
                  <span>{t("Step {n}", { n: step })}</span>
                  <span>{answer || "—"}</span>
                </li>
              ))}
            </ol>
          </div>
        ))}
      </div>
    </div>
  );
}

function Result({ tune }: { tune: Tune }) {
  const [serving, setServing] = useState(false);
  const [served, setServed] = useState<string>();
  if (tune.online)
    return (
      <div>
        <div className={classes.head}>
          <h4>{t("The result")}</h4>
          <span className={classes.quiet}>{t("Flows name it {model}.", { model: tune.model })}</span>
          <CopyButton text={() => tune.model} />
        </div>
        <Compare tune={tune} />
      </div>
    );
  return (
    <div>
      <div className={classes.head}>
        <h4>{t("The result")}</h4>
        <span className={classes.quiet}>{tune.made.map((one) => t(MADE[one] ?? one)).join(" · ")}</span>
        <span className={classes.actions}>
          <Button
            size="compact-sm"
            leftSection={<IconRocket size={14} />}
            onClick={() => setServing(true)}
            disabled={!tune.made.length}
          >
            {t("Serve or keep it")}
          </Button>
        </span>
      </div>
      {serving ? <ServeTune tune={tune} close={() => setServing(false)} served={setServed} /> : null}
      <Compare tune={tune} served={served} />
    </div>
  );
}

const MADE: Record<string, string> = {
  adapter: msg("Adapter"),
  merged: msg("Merged model"),
  gguf: msg("GGUF file"),
};
