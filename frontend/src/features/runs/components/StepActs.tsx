import { Button, Textarea } from "@mantine/core";
import { IconEdit, IconPlayerTrackNextFilled } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { getDocument, getOutputs } from "../api/answers";
import { type RunPart, type RunRecord, useStartRun } from "../api/runs";
import { type StepState, stepKey, type Values } from "../model/events";
import classes from "./StepActs.module.css";

/** Starts a run that uses what another gave, and goes to it. */
export function useContinue(run: Pick<RunRecord, "id" | "flow">) {
  const start = useStartRun();
  const navigate = useNavigate();
  const go = (part: RunPart) =>
    start.mutate(
      { flowId: run.flow, part: { ...part, from_run: run.id } },
      { onSuccess: (begun) => navigate(`/runs/${begun.id}`), onError: tell.failure },
    );
  return { go, busy: start.isPending };
}

/** Runs the same flow with the same inputs and seed once more, every node anew, and goes to that run. */
export function useReproduce(run: RunRecord) {
  const start = useStartRun();
  const navigate = useNavigate();
  const again = async () => {
    try {
      const number = Number(run.version);
      const same = Number.isInteger(number)
        ? { version: number }
        : { version: "draft" as const, document: await getDocument(run.id) };
      const part = { seed: run.seed };
      const begun = await start.mutateAsync({ flowId: run.flow, inputs: run.inputs, ...same, part });
      navigate(`/runs/${begun.id}`);
    } catch (thrown) {
      tell.failure(thrown);
    }
  };
  return { again, busy: start.isPending };
}

/** What can be done with a step of a run that is over: run on from it, or ask what if. */
export function StepActs({ run, step }: { run: RunRecord; step: StepState }) {
  const { go, busy } = useContinue(run);
  const [editing, setEditing] = useState<Values | null>(null);
  const key = stepKey(step.path, step.node_id);
  const edit = async () => {
    try {
      setEditing(await getOutputs(run.id, key));
    } catch (thrown) {
      tell.failure(thrown);
    }
  };
  return (
    <>
      <div className={classes.acts}>
        <Button
          size="xs"
          variant="default"
          loading={busy}
          leftSection={<IconPlayerTrackNextFilled size={14} aria-hidden />}
          onClick={() => go({ scope: { start: key } })}
        >
          {t("Run from here")}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={step.state !== "succeeded" || editing !== null}
          leftSection={<IconEdit size={14} aria-hidden />}
          onClick={() => void edit()}
        >
          {t("What if it had given…")}
        </Button>
      </div>
      {editing ? (
        <WhatIf
          first={editing}
          busy={busy}
          cancel={() => setEditing(null)}
          go={(outputs) => go({ edits: [{ step: key, outputs }] })}
        />
      ) : null}
    </>
  );
}

interface WhatIfProps {
  first: Values;
  busy: boolean;
  cancel: () => void;
  go: (outputs: Values) => void;
}

function WhatIf({ first, busy, cancel, go }: WhatIfProps) {
  const [text, setText] = useState(() => JSON.stringify(first, null, 2));
  const read = parsed(text);
  return (
    <section className={classes.edit} aria-label={t("What if it had given…")}>
      <Textarea
        label={t("What if it had given…")}
        description={t("By output, as JSON. What comes after the node runs with this.")}
        classNames={{ input: classes.code }}
        autosize
        minRows={3}
        maxRows={18}
        spellCheck={false}
        value={text}
        error={read === null ? t("This is no JSON object.") : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={classes.acts}>
        <Button size="xs" loading={busy} disabled={read === null} onClick={() => read && go(read)}>
          {t("Run on from here")}
        </Button>
        <Button size="xs" variant="subtle" onClick={cancel}>
          {t("Cancel")}
        </Button>
      </div>
    </section>
  );
}

function parsed(text: string): Values | null {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Values) : null;
  } catch {
    return null;
  }
}
