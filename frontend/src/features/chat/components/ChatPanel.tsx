import { useRef } from "react";
import { t } from "@/shared/i18n";
import { useSession, useSessions, type Version } from "../api/chat";
import { useChatDocument } from "../api/document";
import { useChosenSession } from "../model/chosen-session";
import { chatFacts } from "../model/facts";
import classes from "./ChatPanel.module.css";
import { Conversation } from "./Conversation";
import { MessagesComing } from "./MessagesComing";
import { SessionBar } from "./SessionBar";
import { SessionList } from "./SessionList";

export interface ChatPanelProps {
  flowId: string;
  /** What answers: the draft, the published version, or a version by its number. */
  version: Version;
  /** There is room for the list of chats beside the conversation. */
  wide?: boolean;
  /** A run answers now: the canvas can follow it. */
  onRun?: (runId: string) => void;
  /** The document as the editor has it; without it the saved one is read. */
  getDocument?: () => unknown;
  /** Awaited before a message is sent, so that the draft that answers is the one on the canvas. */
  beforeSend?: () => Promise<void>;
}

/** A conversation with a flow, its earlier ones a click away. */
export function ChatPanel(props: ChatPanelProps) {
  const { flowId, version, getDocument, wide } = props;
  const sessions = useSessions(flowId);
  const [chosen, choose] = useChosenSession(flowId, sessions.data);
  const session = useSession(chosen ?? null);
  const saved = useChatDocument(flowId, version, !getDocument);
  const field = useRef<HTMLTextAreaElement>(null);
  const facts = chatFacts(getDocument ? getDocument() : saved.data);
  const begin = () => {
    choose(null);
    field.current?.focus();
  };
  return (
    <section className={classes.panel} data-wide={wide || undefined} aria-label={t("Chat")}>
      {wide ? (
        <aside className={classes.beside} aria-label={t("Earlier chats")}>
          <SessionList flowId={flowId} chosen={chosen} choose={choose} begin={begin} />
        </aside>
      ) : null}
      <div className={classes.main}>
        <SessionBar
          flowId={flowId}
          session={session.data}
          chosen={chosen}
          choose={choose}
          begin={begin}
          listed={wide}
        />
        {chosen === undefined && !sessions.isError ? (
          <div className={classes.loading}>
            <MessagesComing />
          </div>
        ) : (
          <Conversation {...props} sessionId={chosen ?? null} started={choose} facts={facts} field={field} />
        )}
      </div>
    </section>
  );
}
