import { Button, Group, NumberInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { IconPlayerPlayFilled, IconThumbDown, IconThumbUp } from "@tabler/icons-react";
import { useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatInstant, formatTime } from "@/shared/lib/format";
import { Markdown, tell, ValueView } from "@/shared/ui";
import { useAnswer } from "../api/answers";
import { useQuestions } from "../api/runs";
import {
  answerOf,
  askingSteps,
  type Draft,
  draftOf,
  type FormField,
  type Question,
  questionOf,
} from "../model/questions";
import { useRunPart } from "../model/store";
import classes from "./RunQuestions.module.css";

interface Props {
  /** A run that is followed with `useRun`. */
  runId: string;
  /** Who looks may not answer. */
  silent?: boolean;
  titleOf?: (nodeId: string) => string;
}

/** What a run asks: forms, approvals and breakpoints, each with its answer. Nothing where it asks nothing. */
export function RunQuestions({ runId, silent, titleOf }: Props) {
  const asking = useRunPart(
    runId,
    useShallow((run) => askingSteps(run.state)),
  );
  const listed = useQuestions(runId, Boolean(asking?.length)).data;
  if (!asking?.length) return null;
  return (
    <div className={classes.questions}>
      {asking.map((step) => {
        const question = questionOf(step);
        const due = listed?.find((one) => one.step === question.step)?.due_at;
        return (
          <section key={question.step} className={classes.question} aria-label={t("A question of the run")}>
            <header className={classes.head}>
              <strong>{titleOf?.(step.node_id) ?? step.node_id}</strong>
              <span>
                {question.kind === "breakpoint" ? t("Paused before this node") : t("Waits for you")}
              </span>
              {step.path ? <code>{step.path}</code> : null}
              {due ? (
                <time dateTime={due} title={formatInstant(due)}>
                  {t("Answer by {time}", { time: formatTime(due) })}
                </time>
              ) : null}
            </header>
            {silent ? null : <Answer runId={runId} question={question} />}
          </section>
        );
      })}
    </div>
  );
}

function Answer({ runId, question }: { runId: string; question: Question }) {
  const { mutateAsync, isPending } = useAnswer();
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const send = async (answer: unknown) => {
    setWrong({});
    try {
      await mutateAsync({ runId, step: question.step, answer });
    } catch (thrown) {
      const error = asApiError(thrown);
      const field = String(error.extra.path ?? "").replace("/answer/", "");
      if (error.code === "invalid_answer" && field) setWrong({ [field]: error.words });
      else tell.failure(thrown);
    }
  };
  const shared = { busy: isPending, wrong, setWrong, send };
  return (
    <div className={classes.body}>
      {question.message ? <Markdown text={question.message} /> : null}
      {question.value === null || question.value === undefined ? null : (
        <ValueView label={t("Value")} value={question.value} />
      )}
      {question.kind === "form" ? (
        <FormAnswer fields={question.fields} {...shared} />
      ) : question.kind === "approval" ? (
        <ApprovalAnswer {...shared} />
      ) : question.kind === "breakpoint" ? (
        <BreakpointAnswer inputs={question.inputs} {...shared} />
      ) : (
        <Button loading={isPending} onClick={() => void send({})}>
          {t("Continue")}
        </Button>
      )}
    </div>
  );
}

interface Shared {
  busy: boolean;
  wrong: Record<string, string>;
  setWrong(wrong: Record<string, string>): void;
  send(answer: unknown): Promise<void>;
}

function FormAnswer({ fields, busy, wrong, setWrong, send }: Shared & { fields: FormField[] }) {
  const [draft, setDraft] = useState(() => draftOf(fields));
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        const read = answerOf(fields, draft);
        if ("wrong" in read) setWrong({ [read.wrong]: t("This is no JSON.") });
        else void send(read.answer);
      }}
    >
      {fields.map((field) => (
        <AnswerField
          key={field.name}
          field={field}
          value={draft[field.name] ?? ""}
          error={wrong[field.name]}
          change={(value) => setDraft({ ...draft, [field.name]: value })}
        />
      ))}
      <Button type="submit" loading={busy}>
        {t("Send")}
      </Button>
    </form>
  );
}

interface FieldProps {
  field: FormField;
  value: Draft[string];
  error: string | undefined;
  change(value: Draft[string]): void;
}

function AnswerField({ field, value, error, change }: FieldProps) {
  const said = { label: field.title || field.name, error, withAsterisk: field.required };
  switch (field.type) {
    case "boolean":
      return (
        <Switch
          {...said}
          checked={value === true}
          onChange={(event) => change(event.currentTarget.checked)}
        />
      );
    case "number":
      return <NumberInput {...said} value={typeof value === "boolean" ? "" : value} onChange={change} />;
    case "choice":
      return (
        <Select
          {...said}
          data={field.options}
          value={String(value) || null}
          onChange={(chosen) => change(chosen ?? "")}
        />
      );
    case "text":
      return (
        <TextInput {...said} value={String(value)} onChange={(event) => change(event.currentTarget.value)} />
      );
    default:
      return (
        <Textarea
          {...said}
          autosize
          minRows={2}
          maxRows={12}
          value={String(value)}
          placeholder={field.type === "json" ? t("JSON") : undefined}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
  }
}

function ApprovalAnswer({ busy, send }: Shared) {
  const [comment, setComment] = useState("");
  return (
    <div className={classes.form}>
      <Textarea
        label={t("Comment")}
        autosize
        minRows={1}
        maxRows={8}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <Group grow>
        <Button
          color="red"
          variant="light"
          disabled={busy}
          leftSection={<IconThumbDown size={16} aria-hidden />}
          onClick={() => void send({ decision: "rejected", comment })}
        >
          {t("Reject")}
        </Button>
        <Button
          disabled={busy}
          leftSection={<IconThumbUp size={16} aria-hidden />}
          onClick={() => void send({ decision: "approved", comment })}
        >
          {t("Approve")}
        </Button>
      </Group>
    </div>
  );
}

function BreakpointAnswer({ inputs, busy, wrong, setWrong, send }: Shared & { inputs: unknown }) {
  const first = JSON.stringify(inputs, null, 2);
  const [text, setText] = useState(first);
  const go = () => {
    if (text === first) return void send({});
    try {
      void send({ inputs: JSON.parse(text) });
    } catch {
      setWrong({ inputs: t("This is no JSON.") });
    }
  };
  return (
    <div className={classes.form}>
      <Textarea
        label={t("Its inputs")}
        description={t("Change them to go on with others.")}
        classNames={{ input: classes.code }}
        autosize
        minRows={3}
        maxRows={14}
        spellCheck={false}
        value={text}
        error={wrong.inputs}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button loading={busy} leftSection={<IconPlayerPlayFilled size={15} aria-hidden />} onClick={go}>
        {t("Continue")}
      </Button>
    </div>
  );
}
