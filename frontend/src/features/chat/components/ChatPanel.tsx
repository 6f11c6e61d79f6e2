import { Loader } from "@mantine/core";
import { useRef } from "react";
import { t } from "@/shared/i18n";
import { useSessions, type Version } from "../api/chat";
import { useChatDocument } from "../api/document";
import { useChosenSession } from "../model/chosen-session";
import { chatFacts } from "../model/facts";
import classes from "./ChatPanel.module.css";
import { Conversation } from "./Conversation";
import { SessionBar } from "./SessionBar";

export interface ChatPanelProps {
  flowId: string;
  /** What answers: the draft, the published version, or a version by its number. */
  version: Version;
  /** A run answers now: the canvas can follow it. */
  onRun?: (runId: string) => void;
  /** The document as the editor has it; without it the saved one is read. */
  getDocument?: () => unknown;
  /** Awaited before a message is sent, so that the draft that answers is the one on the canvas. */
  beforeSend?: () => Promise<void>;
}

/** A conversation with a flow, its earlier ones a click away. */
export function ChatPanel(props: ChatPanelProps) {
  const { flowId, version, getDocument } = props;
  const sessions = useSessions(flowId);
  const [chosen, choose] = useChosenSession(flowId, sessions.data);
  const saved = useChatDocument(flowId, version, !getDocument);
  const field = useRef<HTMLTextAreaElement>(null);
  const facts = chatFacts(getDocument ? getDocument() : saved.data);
  const begin = () => {
    choose(null);
    field.current?.focus();
  };
  return (
    <section className={classes.panel} aria-label={t("Chat")}>
      <SessionBar
        flowId={flowId}
        sessions={sessions.data ?? []}
        chosen={chosen}
        choose={choose}
        begin={begin}
      />
      {chosen === undefined && !sessions.isError ? (
        <div className={classes.loading}>
          <Loader size="sm" aria-label={t("Loading")} />
        </div>
      ) : (
        <Conversation {...props} sessionId={chosen ?? null} started={choose} facts={facts} field={field} />
      )}
    </section>
  );
}
