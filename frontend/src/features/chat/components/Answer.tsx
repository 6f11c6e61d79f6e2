import { ActionIcon, Tooltip } from "@mantine/core";
import { IconRefresh, IconRoute } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { isOver, RunQuestions, stateLabel, useRun, useRunRecord } from "@/features/runs";
import { t } from "@/shared/i18n";
import { CopyButton, Markdown, Problem } from "@/shared/ui";
import type { ChatMessage } from "../api/chat";
import { answerText, busyNodes } from "../model/answer";
import type { ChatFacts } from "../model/facts";
import classes from "./Messages.module.css";

interface Tools {
  text: string;
  runId: string | null;
  /** Asks the same again; absent where it would not be the newest question. */
  retry?: () => void;
}

/** An answer that stands in the conversation. */
export function SavedAnswer({ message, retry }: { message: ChatMessage; retry?: () => void }) {
  const bad = message.status === "failed" || message.status === "timed_out";
  return (
    <AnswerFrame tools={{ text: message.text, runId: message.run_id, retry }}>
      {message.text ? <Markdown text={message.text} /> : null}
      {bad && message.run_id ? <WhatFailed runId={message.run_id} /> : null}
      {message.status === "cancelled" ? (
        <p className={classes.note}>{t("You stopped this answer.")}</p>
      ) : null}
      {message.status === "succeeded" && !message.text ? <NoText /> : null}
    </AnswerFrame>
  );
}

/** An answer in the making, drawn from the run itself. */
export function LiveAnswer({ runId, facts, retry }: { runId: string; facts: ChatFacts; retry: () => void }) {
  const run = useRun(runId);
  const state = run?.state;
  const text = state ? answerText(state, facts.speakers) : "";
  const over = state !== undefined && isOver(state.status);
  const bad = state?.status === "failed" || state?.status === "timed_out";
  const tools = over ? { text, runId, retry } : undefined;
  return (
    <AnswerFrame tools={tools} live={!over}>
      {text ? <Markdown text={text} /> : null}
      {run?.refused ? <Problem error={run.refused} /> : null}
      {bad && state.error ? <Problem error={state.error} /> : null}
      {state?.status === "cancelled" ? <p className={classes.note}>{t("You stopped this answer.")}</p> : null}
      {state?.status === "succeeded" && !text ? <NoText /> : null}
      <RunQuestions runId={runId} titleOf={(id) => facts.titles[id] ?? id} />
      {over || run?.refused || state?.status === "waiting" ? null : (
        <Busy
          state={state && stateLabel(state.status)}
          names={state ? nodeNames(busyNodes(state), facts) : []}
          quiet={text !== ""}
        />
      )}
    </AnswerFrame>
  );
}

function nodeNames(ids: string[], facts: ChatFacts): string[] {
  return ids.filter((id) => !facts.speakers.includes(id)).map((id) => facts.titles[id] ?? id);
}

function Busy({ state, names, quiet }: { state?: string; names: string[]; quiet: boolean }) {
  const words = names.length ? names.slice(0, 3).join(", ") : (state ?? t("Waiting"));
  return (
    <div className={classes.busy}>
      <span className={classes.dots} aria-hidden>
        <i />
        <i />
        <i />
      </span>
      <span className={quiet ? "visually-hidden" : undefined}>{words}</span>
    </div>
  );
}

/** The saved message has no room for an error: it stands with the run. */
function WhatFailed({ runId }: { runId: string }) {
  const run = useRunRecord(runId);
  return run.data?.error ? <Problem error={run.data.error} /> : null;
}

function NoText() {
  return <p className={classes.note}>{t("The flow ended without an answer in the chat.")}</p>;
}

function AnswerFrame({ tools, live, children }: { tools?: Tools; live?: boolean; children: ReactNode }) {
  return (
    <article className={classes.answer} aria-label={t("Answer")} aria-busy={live}>
      {children}
      <div className={classes.tools} data-kept={tools?.retry !== undefined}>
        {tools?.text ? <CopyButton text={() => tools.text} label={t("Copy the answer")} /> : null}
        {tools?.runId ? (
          <Tooltip label={t("How it came about")}>
            <ActionIcon
              size="sm"
              component={Link}
              to={`/runs/${tools.runId}`}
              aria-label={t("How it came about")}
            >
              <IconRoute size={15} />
            </ActionIcon>
          </Tooltip>
        ) : null}
        {tools?.retry ? (
          <Tooltip label={t("Ask again")}>
            <ActionIcon size="sm" aria-label={t("Ask again")} onClick={tools.retry}>
              <IconRefresh size={15} />
            </ActionIcon>
          </Tooltip>
        ) : null}
      </div>
    </article>
  );
}
