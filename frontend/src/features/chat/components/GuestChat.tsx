import { ActionIcon, Tooltip } from "@mantine/core";
import { IconLinkOff, IconMessagePlus } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { type Line, RunLine } from "@/features/runs";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { Awaiting, Empty, Failure } from "@/shared/ui";
import { Door, linkDoor } from "../api/door";
import { useSharedFlow } from "../api/shared";
import { chatFacts } from "../model/facts";
import { useGuestSession } from "../model/guest-session";
import { Conversation } from "./Conversation";
import classes from "./GuestChat.module.css";

interface Props {
  code: string;
  /** It stands in a frame of another site, which has a heading of its own. */
  framed?: boolean;
}

/** The chat of a published flow for whoever has its link. */
export function GuestChat({ code, framed }: Props) {
  const flow = useSharedFlow(code);
  const [chosen, choose] = useGuestSession(code);
  const [round, setRound] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const door = useMemo(() => linkDoor(code), [code]);
  const line = useMemo(() => lineOf(code, chosen), [code, chosen]);
  const name = flow.data?.name;
  useEffect(() => {
    if (name) document.title = name;
  }, [name]);
  if (flow.isError) {
    if (asApiError(flow.error).status !== 404) return <Failure error={flow.error} retry={flow.refetch} />;
    return (
      <main className={classes.page}>
        <Empty icon={<IconLinkOff size={26} />} title={t("This link leads nowhere any more")}>
          {t("Whoever gave it to you may have closed it or made a new one.")}
        </Empty>
      </main>
    );
  }
  if (!flow.data) return <Awaiting />;
  const begin = () => {
    choose(null);
    setRound(round + 1);
    field.current?.focus();
  };
  return (
    <main className={classes.page} data-framed={framed || undefined}>
      <header className={classes.head}>
        <div className={classes.words}>
          <h1>{name}</h1>
          {flow.data.description && !framed ? <p>{flow.data.description}</p> : null}
        </div>
        <Tooltip label={t("New chat")}>
          <ActionIcon size={36} aria-label={t("New chat")} onClick={begin} disabled={chosen === null}>
            <IconMessagePlus size={18} />
          </ActionIcon>
        </Tooltip>
      </header>
      <Door.Provider value={door}>
        <RunLine.Provider value={line}>
          <Conversation
            key={round}
            flowId={code}
            version="published"
            sessionId={chosen}
            started={choose}
            facts={chatFacts(flow.data.document)}
            field={field}
          />
        </RunLine.Provider>
      </Door.Provider>
      <p className={classes.small}>{t("Answers are made by models and may be wrong.")}</p>
    </main>
  );
}

function lineOf(code: string, sessionId: string | null): Line {
  return {
    socket: (runId) => `/ws/shared/${encodeURIComponent(code)}/sessions/${sessionId}/runs/${runId}`,
    events: null,
    whole: false,
  };
}
