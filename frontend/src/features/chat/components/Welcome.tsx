import { IconMessageCircle } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { Empty } from "@/shared/ui";
import { useDoor } from "../api/door";
import type { ChatFacts } from "../model/facts";
import classes from "./ChatPanel.module.css";

/** The start of a conversation: the flow's own greeting and what it suggests to ask. */
export function Welcome({ facts, send }: { facts: ChatFacts; send: (text: string) => void }) {
  const { guest } = useDoor();
  return (
    <div className={classes.welcome}>
      {facts.greeting ? (
        <p className={classes.greeting}>{facts.greeting}</p>
      ) : (
        <Empty
          icon={<IconMessageCircle size={26} />}
          title={guest ? t("What would you like to know?") : t("Talk to this flow")}
        >
          {guest
            ? null
            : facts.listens
              ? t("What you write enters at the chat input; the answer comes from the chat output.")
              : t("A flow answers here once it has a chat input and a chat output.")}
        </Empty>
      )}
      {facts.suggestions.length ? (
        <div className={classes.suggestions}>
          {facts.suggestions.map((suggestion) => (
            <button
              key={suggestion}
              type="button"
              className={classes.suggestion}
              onClick={() => send(suggestion)}
            >
              {suggestion}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}
