import { Button, NumberInput, Switch, Textarea } from "@mantine/core";
import { IconPlayerPlayFilled, IconPlayerStopFilled } from "@tabler/icons-react";
import { useState } from "react";
import { BackendChoice, JobWaits, useChosenBackend } from "@/features/compute";
import { isOver, StateMark, useRunPart } from "@/features/runs";
import type { SentFile } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { Problem, ValueView } from "@/shared/ui";
import { type AskedInput, inputNodes } from "../model/entrance";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { FilePick } from "../widgets/parts/FilePick";
import styles from "./side.module.css";

type Texts = Record<string, string | number | boolean>;

const key = (flowId: string) => `flowloft.inputs.${flowId}`;

/** Asks for the inputs of a flow, starts it and shows what comes out. What was typed stays for the next run. */
export function InputForm() {
  const { store, running, autosave } = useSession();
  const document = useEditor((state) => state.history.present);
  const { flowId } = store.getState();
  const inputs = inputNodes(document);
  const [values, setValues] = useState<Texts>(
    () => JSON.parse(localStorage.getItem(key(flowId)) ?? "{}") as Texts,
  );
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const chosen = useChosenBackend(flowId);

  const change = (name: string, value: string | number | boolean) => {
    const next = { ...values, [name]: value };
    setValues(next);
    setWrong({});
    localStorage.setItem(key(flowId), JSON.stringify(next));
  };
  const run = async () => {
    const read = readInputs(inputs, values);
    if ("wrong" in read) return setWrong(read.wrong);
    await autosave.flush();
    await running.start(
      read.inputs,
      chosen.sent ? { backend: chosen.sent, resources: { ...chosen.resources } } : undefined,
    );
  };
  const asked = () => {
    const read = readInputs(inputs, values);
    return { document, inputs: "inputs" in read ? read.inputs : {} };
  };

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!running.active) void run();
      }}
    >
      {inputs.length === 0 && (
        <p className={styles.hint}>{t("This flow asks for nothing. Add an input node to give it values.")}</p>
      )}
      {inputs.map((input) => (
        <InputField
          key={input.id}
          input={input}
          value={values[input.name] ?? standardText(input)}
          error={wrong[input.name]}
          change={(value) => change(input.name, value)}
        />
      ))}
      <BackendChoice flowId={flowId} asked={asked} chosen={chosen} />
      {running.active ? (
        <Button
          color="red"
          variant="light"
          leftSection={<IconPlayerStopFilled size={15} />}
          loading={running.stopping}
          onClick={() => running.stop()}
        >
          {t("Stop")}
        </Button>
      ) : (
        <Button type="submit" leftSection={<IconPlayerPlayFilled size={15} />}>
          {t("Run")}
        </Button>
      )}
      <Result />
    </form>
  );
}

function Result() {
  const runId = useEditor((state) => state.runId);
  const state = useRunPart(runId, (live) => live.state);
  if (!state) return null;
  const { status, outputs, error, started_at, finished_at } = state;
  return (
    <section className={styles.result} aria-label={t("Result")} aria-live="polite">
      <div className={styles.status}>
        <StateMark state={status} />
        {isOver(status) && started_at !== null && finished_at !== null && (
          <span className={styles.hint}>{formatDuration(finished_at - started_at)}</span>
        )}
      </div>
      {status === "queued" && runId !== null && <JobWaits runId={runId} />}
      {error && <Problem error={error} />}
      {Object.entries(outputs ?? {}).map(([name, value]) => (
        <ValueView key={name} label={name} value={value} />
      ))}
    </section>
  );
}

interface FieldProps {
  input: AskedInput;
  value: string | number | boolean;
  error: string | undefined;
  change(value: string | number | boolean): void;
}

function InputField({ input, value, error, change }: FieldProps) {
  const said = {
    label: input.title,
    description: input.description || undefined,
    error,
    withAsterisk: input.required,
  };
  if (input.type === "boolean") {
    return (
      <Switch {...said} checked={value === true} onChange={(event) => change(event.currentTarget.checked)} />
    );
  }
  if (input.type === "number") {
    return <NumberInput {...said} value={typeof value === "boolean" ? "" : value} onChange={change} />;
  }
  if (input.type === "file") {
    return (
      <FilePick
        {...said}
        value={fileIn(value)}
        change={(file) => change(file === null ? "" : JSON.stringify(file))}
      />
    );
  }
  const json = input.type !== "text" && input.type !== "any";
  return (
    <Textarea
      {...said}
      autosize
      minRows={json ? 3 : 2}
      maxRows={12}
      value={String(value)}
      placeholder={json ? t("JSON") : undefined}
      classNames={json ? { input: styles.code } : undefined}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

/** A file is kept as the text of its reference, as other values that are no text are. */
function fileIn(value: string | number | boolean): SentFile | null {
  try {
    const found = JSON.parse(String(value)) as Partial<SentFile> | null;
    return typeof found?.ref === "string"
      ? { name: "", media_type: "", bytes: 0, ...found, ref: found.ref }
      : null;
  } catch {
    return null;
  }
}

function standardText({ type, standard }: AskedInput): string | number | boolean {
  if (type === "boolean") return standard === true;
  if (standard === undefined || standard === null) return "";
  if (typeof standard === "string" || typeof standard === "number") return standard;
  return JSON.stringify(standard, null, 2);
}

function readInputs(
  asked: AskedInput[],
  values: Texts,
): { inputs: Record<string, unknown> } | { wrong: Record<string, string> } {
  const inputs: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const input of asked) {
    const value = values[input.name] ?? standardText(input);
    if (value === "") {
      if (input.required) wrong[input.name] = t("Needed: fill this in.");
    } else if (typeof value === "string" && input.type !== "text" && input.type !== "number") {
      try {
        inputs[input.name] = JSON.parse(value);
      } catch {
        if (input.type === "any") inputs[input.name] = value;
        else
          wrong[input.name] = t("This is no JSON: {example} is.", {
            example: input.type === "record" ? '{"key": "value"}' : '["a", "b"]',
          });
      }
    } else inputs[input.name] = value;
  }
  return Object.keys(wrong).length > 0 ? { wrong } : { inputs };
}
