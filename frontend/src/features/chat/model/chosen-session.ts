import { useState } from "react";
import type { ChatSession } from "../api/chat";

/**
 * The conversation in view: the one last looked at, else the newest; `null` is a new one and `undefined` not
 * known yet. Remembered per flow, so that a reload comes back to the answer in progress.
 */
export function useChosenSession(
  flowId: string,
  sessions: ChatSession[] | undefined,
): [string | null | undefined, (id: string | null) => void] {
  const key = `flowloft.chat.session.${flowId}`;
  const [chosen, setChosen] = useState(() => localStorage.getItem(key));
  const [fresh, setFresh] = useState(false);
  const choose = (id: string | null) => {
    setChosen(id);
    setFresh(id === null);
    if (id) localStorage.setItem(key, id);
    else localStorage.removeItem(key);
  };
  if (fresh) return [null, choose];
  // A session that has just begun may not be in the list yet: what was chosen is believed until the list has it.
  if (!sessions) return [chosen ?? undefined, choose];
  return [chosen ?? sessions[0]?.id ?? null, choose];
}
