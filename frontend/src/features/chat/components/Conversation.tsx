import { Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { type RefObject, useEffect, useRef } from "react";
import { isOver, useRun } from "@/features/runs";
import { t } from "@/shared/i18n";
import { Failure, Problem, tell } from "@/shared/ui";
import {
  useAsk,
  useMessages,
  useRefreshMessages,
  useSession,
  useShowBranch,
  useStop,
  type Words,
} from "../api/chat";
import { openRun } from "../model/answer";
import type { ChatFacts } from "../model/facts";
import { useFollow } from "../model/follow";
import { branch, leaf } from "../model/tree";
import type { ChatPanelProps } from "./ChatPanel";
import classes from "./ChatPanel.module.css";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { Welcome } from "./Welcome";

interface Props extends ChatPanelProps {
  /** `null` is a conversation that begins with its first message. */
  sessionId: string | null;
  started: (sessionId: string) => void;
  facts: ChatFacts;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function Conversation({
  flowId,
  version,
  onRun,
  beforeSend,
  sessionId,
  started,
  facts,
  field,
}: Props) {
  const list = useMessages(sessionId);
  const session = useSession(sessionId);
  const showBranch = useShowBranch(sessionId);
  const messages = (sessionId && list.data) || [];
  const said = branch(messages, session.data?.head);
  const ask = useAsk(flowId, version);
  const cancel = useStop(sessionId);
  const refresh = useRefreshMessages();
  const runId = openRun(said.map(({ message }) => message));
  const run = useRun(runId);
  const over = run !== undefined && isOver(run.state.status);
  const view = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const { away, toEnd } = useFollow(view, inside, sessionId);

  useEffect(() => {
    if (runId) onRun?.(runId);
  }, [runId, onRun]);

  // The saved answer comes with the run's last event; what was live gives way to it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `refresh` is made anew with each drawing
  useEffect(() => {
    if (over) refresh(sessionId);
  }, [over, sessionId]);

  async function send(words: Words): Promise<boolean> {
    toEnd();
    try {
      await beforeSend?.();
      const sent = await ask.mutateAsync({ sessionId, ...words });
      if (sent.sessionId !== sessionId) {
        started(sent.sessionId);
        setTimeout(() => field.current?.focus()); // The field is drawn anew with its conversation.
      }
      toEnd();
      return true;
    } catch {
      return false; // Shown by `ask.error`; the words are back in the field.
    }
  }

  const waiting = ask.isPending ? ask.variables : null;
  const busy = ask.isPending || (runId !== null && !over && !run?.refused);
  const loading = sessionId !== null && (list.isPending || session.isPending);
  const empty = !loading && !messages.length && waiting === null;
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  return (
    <div className={classes.conversation}>
      <MessageList
        view={view}
        inside={inside}
        said={loading ? [] : said}
        waiting={waiting}
        runId={runId}
        facts={facts}
        loading={loading}
        ask={busy ? undefined : send}
        go={busy ? undefined : (id) => showBranch.mutate(leaf(messages, id), { onError: tell.failure })}
      >
        {empty ? <Welcome facts={facts} send={(text) => send({ text, files: [] })} /> : null}
      </MessageList>
      {away ? (
        <Button
          className={classes.jump}
          size="compact-sm"
          radius="xl"
          variant="default"
          leftSection={<IconArrowDown size={14} />}
          onClick={() => toEnd("smooth")}
        >
          {t("To the newest")}
        </Button>
      ) : null}
      <div className={classes.foot}>
        {ask.error && !ask.isPending ? (
          <div className={classes.refused}>
            <Problem error={ask.error} />
          </div>
        ) : null}
        <Composer
          key={sessionId ?? "new"}
          draftKey={sessionId ?? `new.${flowId}`}
          field={field}
          busy={busy}
          takes={facts.takes}
          stopping={cancel.isPending || run?.state.status === "cancelling"}
          send={(text, files) => send({ text, files })}
          stop={() => runId && cancel.mutate(runId)}
        />
      </div>
    </div>
  );
}
