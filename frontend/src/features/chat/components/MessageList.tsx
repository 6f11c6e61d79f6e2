import type { ReactNode, RefObject } from "react";
import { t } from "@/shared/i18n";
import type { ChatMessage, Words } from "../api/chat";
import type { ChatFacts } from "../model/facts";
import type { Placed } from "../model/tree";
import { LiveAnswer, SavedAnswer } from "./Answer";
import classes from "./Messages.module.css";
import { MessagesComing } from "./MessagesComing";
import { Question } from "./Question";

interface Props {
  view: RefObject<HTMLDivElement | null>;
  inside: RefObject<HTMLDivElement | null>;
  /** The branch in view. */
  said: Placed<ChatMessage>[];
  /** The message that is on its way to the server. */
  waiting: Words | null;
  runId: string | null;
  facts: ChatFacts;
  loading: boolean;
  /** Absent while an answer is under way. */
  ask?: (words: Words) => Promise<boolean>;
  go?: (messageId: string) => void;
  children?: ReactNode;
}

export function MessageList({
  view,
  inside,
  said,
  waiting,
  runId,
  facts,
  loading,
  ask,
  go,
  children,
}: Props) {
  const question = said.findLast(({ message }) => message.role === "user")?.message;
  const newest = said.at(-1)?.message;
  const again = () => question && ask?.({ ...asked(question), insteadOf: question.id });
  // A message that is said otherwise takes the place of what it was and of all behind it.
  const until = waiting?.insteadOf ? said.findIndex(({ message }) => message.id === waiting.insteadOf) : -1;
  const shown = until < 0 ? said : said.slice(0, until);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long conversation is scrolled by keyboard
    <div ref={view} className={classes.view} role="log" aria-label={t("Messages")} tabIndex={0}>
      <div ref={inside} className={classes.list}>
        {loading ? <MessagesComing /> : null}
        {shown.map(({ message, beside }) =>
          message.role === "user" ? (
            <Question
              key={message.id}
              {...asked(message)}
              id={message.id}
              at={message.created_at}
              beside={beside}
              go={go}
              edit={ask && ((text) => ask({ text, files: message.files, insteadOf: message.id }))}
            />
          ) : (
            <SavedAnswer
              key={answerKey(message)}
              message={message}
              retry={message === newest && ask ? again : undefined}
            />
          ),
        )}
        {waiting === null ? null : <Question text={waiting.text} files={waiting.files} />}
        {runId && waiting === null ? (
          <LiveAnswer key={runId} runId={runId} facts={facts} retry={again} />
        ) : null}
        {children}
      </div>
    </div>
  );
}

const asked = ({ text, files }: ChatMessage) => ({ text, files });

/** An answer keeps its place when the saved one takes over from the live one. */
function answerKey(message: ChatMessage) {
  return message.run_id ?? message.id;
}
