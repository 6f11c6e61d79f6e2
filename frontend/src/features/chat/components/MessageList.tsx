import { Skeleton } from "@mantine/core";
import type { ReactNode, RefObject } from "react";
import { t } from "@/shared/i18n";
import { formatInstant } from "@/shared/lib/format";
import type { ChatMessage } from "../api/chat";
import type { ChatFacts } from "../model/facts";
import { LiveAnswer, SavedAnswer } from "./Answer";
import classes from "./Messages.module.css";

interface Props {
  view: RefObject<HTMLDivElement | null>;
  inside: RefObject<HTMLDivElement | null>;
  messages: ChatMessage[];
  /** The message that is on its way to the server. */
  waiting: string | null;
  runId: string | null;
  facts: ChatFacts;
  loading: boolean;
  ask?: (text: string) => void;
  children?: ReactNode;
}

export function MessageList({
  view,
  inside,
  messages,
  waiting,
  runId,
  facts,
  loading,
  ask,
  children,
}: Props) {
  const question = messages.findLast((message) => message.role === "user");
  const newest = messages.at(-1);
  const again = () => question && ask?.(question.text);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long conversation is scrolled by keyboard
    <div ref={view} className={classes.view} role="log" aria-label={t("Messages")} tabIndex={0}>
      <div ref={inside} className={classes.list}>
        {loading ? <Waiting /> : null}
        {messages.map((message) =>
          message.role === "user" ? (
            <Question key={message.id} text={message.text} at={message.created_at} />
          ) : (
            <SavedAnswer
              key={answerKey(message)}
              message={message}
              retry={message === newest && ask ? again : undefined}
            />
          ),
        )}
        {waiting === null ? null : <Question text={waiting} />}
        {runId && waiting === null ? (
          <LiveAnswer key={runId} runId={runId} facts={facts} retry={again} />
        ) : null}
        {children}
      </div>
    </div>
  );
}

/** An answer keeps its place when the saved one takes over from the live one. */
function answerKey(message: ChatMessage) {
  return message.run_id ?? message.id;
}

function Question({ text, at }: { text: string; at?: string }) {
  return (
    <div className={classes.question} title={at && formatInstant(at)}>
      <span className="visually-hidden">{t("You:")} </span>
      {text}
    </div>
  );
}

function Waiting() {
  return (
    <div aria-hidden>
      <Skeleton height={36} width="44%" ml="auto" radius="lg" />
      <Skeleton height={12} mt="lg" width="92%" />
      <Skeleton height={12} mt={8} width="80%" />
      <Skeleton height={12} mt={8} width="64%" />
    </div>
  );
}
