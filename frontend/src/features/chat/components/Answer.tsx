import { ActionIcon, Tooltip } from "@mantine/core";
import { IconRefresh, IconRoute } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { JobWaits } from "@/features/compute";
import { isOver, RunQuestions, stateLabel, useRun, useRunRecord, useStepTitles } from "@/features/runs";
import { listed, t } from "@/shared/i18n";
import { citationsOf } from "@/shared/lib/citation";
import { CopyButton, Markdown, Problem } from "@/shared/ui";
import type { ChatMessage } from "../api/chat";
import { useDoor } from "../api/door";
import { busyNodes, spoken } from "../model/answer";
import type { ChatFacts } from "../model/facts";
import { FeedbackTools } from "./FeedbackTools";
import classes from "./Messages.module.css";
import { Sources } from "./Sources";

interface Tools {
  text: string;
  runId: string | null;
  /** Asks the same again; absent where it would not be the newest question. */
  retry?: () => void;
  feedback?: ReactNode;
}

/** An answer that stands in the conversation. */
export function SavedAnswer({ message, retry }: { message: ChatMessage; retry?: () => void }) {
  const bad = message.status === "failed" || message.status === "timed_out";
  const [cited, cite] = useState<number | null>(null);
  const { guest } = useDoor();
  const feedback = message.text ? <FeedbackTools key={message.id} message={message} /> : null;
  const citations = citationsOf({ citations: message.citations });
  const marks = citations.length ? cite : undefined;
  return (
    <AnswerFrame tools={{ text: message.text, runId: message.run_id, retry, feedback }}>
      {message.parts.length ? (
        message.parts.map((part) => (
          <Spoken key={part.node_id} title={t(part.title)} text={part.text} cite={marks} />
        ))
      ) : message.text ? (
        <Markdown text={message.text} cite={marks} />
      ) : null}
      {citations.length ? <Sources citations={citations} open={cited} show={cite} /> : null}
      {bad && guest ? <p className={classes.note}>{t("The answer could not be given.")}</p> : null}
      {bad && message.run_id && !guest ? <WhatFailed runId={message.run_id} /> : null}
      {message.status === "cancelled" ? (
        <p className={classes.note}>{t("You stopped this answer.")}</p>
      ) : null}
      {message.status === "succeeded" && !message.text ? <NoText /> : null}
    </AnswerFrame>
  );
}

/** An answer in the making, drawn from the run itself. */
export function LiveAnswer(props: { runId: string; facts: ChatFacts; retry: () => void }) {
  const { guest } = useDoor();
  return guest ? <GuestsAnswer {...props} /> : <StudioAnswer {...props} />;
}

function StudioAnswer({ runId, ...props }: { runId: string; facts: ChatFacts; retry: () => void }) {
  const titleOf = useStepTitles(runId);
  return (
    <Live
      runId={runId}
      titleOf={titleOf}
      asking={<RunQuestions runId={runId} titleOf={titleOf} />}
      {...props}
    />
  );
}

/** A guest knows of the flow only who speaks. */
function GuestsAnswer({ facts, ...props }: { runId: string; facts: ChatFacts; retry: () => void }) {
  const run = useRun(props.runId);
  const waits = run?.state.status === "waiting";
  return (
    <Live
      facts={facts}
      titleOf={(id) => facts.titles[id] ?? id}
      asking={waits ? <p className={classes.note}>{t("Somebody has to look at this first.")}</p> : null}
      {...props}
    />
  );
}

interface LiveProps {
  runId: string;
  facts: ChatFacts;
  retry: () => void;
  titleOf: (nodeId: string) => string;
  asking: ReactNode;
}

function Live({ runId, facts, retry, titleOf, asking }: LiveProps) {
  const run = useRun(runId);
  const { guest } = useDoor();
  const state = run?.state;
  const parts = state ? spoken(state, facts.speakers) : [];
  const text = parts.map((part) => part.text).join("\n\n");
  const over = state !== undefined && isOver(state.status);
  const bad = state?.status === "failed" || state?.status === "timed_out";
  const tools = over ? { text, runId, retry } : undefined;
  const busy = state && !guest ? busyNodes(state).filter((id) => !(id in facts.speakers)) : [];
  return (
    <AnswerFrame tools={tools} live={!over}>
      {parts.map((part) =>
        part.nodeId === null ? (
          <Markdown key="only" text={part.text} />
        ) : (
          <Spoken key={part.nodeId} title={titleOf(part.nodeId)} text={part.text} />
        ),
      )}
      {run?.refused ? <Problem error={run.refused} /> : null}
      {bad && state.error ? <Problem error={state.error} /> : null}
      {state?.status === "cancelled" ? <p className={classes.note}>{t("You stopped this answer.")}</p> : null}
      {state?.status === "succeeded" && !text ? <NoText /> : null}
      {asking}
      {state?.status === "queued" && !guest ? <JobWaits runId={runId} /> : null}
      {over || run?.refused || state?.status === "waiting" ? null : (
        <Busy state={state && stateLabel(state.status)} names={busy.map(titleOf)} />
      )}
    </AnswerFrame>
  );
}

/** What one of several nodes says, under its name. */
function Spoken({ title, text, cite }: { title: string; text: string; cite?: (number: number) => void }) {
  return (
    <section className={classes.spoken} aria-label={title}>
      <h3>{title}</h3>
      <Markdown text={text} cite={cite} />
    </section>
  );
}

function Busy({ state, names }: { state?: string; names: string[] }) {
  const words = names.length ? listed(names.slice(0, 3)) : (state ?? t("Waiting"));
  return (
    <div className={classes.busy}>
      <span className={classes.dots} aria-hidden>
        <i />
        <i />
        <i />
      </span>
      <span>{words}</span>
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
  const { guest } = useDoor();
  return (
    <article className={classes.answer} aria-label={t("Answer")} aria-busy={live}>
      {children}
      <div className={classes.tools} data-kept={tools?.retry !== undefined}>
        {tools?.text ? <CopyButton text={() => tools.text} label={t("Copy the answer")} /> : null}
        {tools?.feedback}
        {tools?.retry ? (
          <Tooltip label={t("Ask again")}>
            <ActionIcon size="sm" aria-label={t("Ask again")} onClick={tools.retry}>
              <IconRefresh size={15} />
            </ActionIcon>
          </Tooltip>
        ) : null}
        {tools?.runId && !guest ? (
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
      </div>
    </article>
  );
}
