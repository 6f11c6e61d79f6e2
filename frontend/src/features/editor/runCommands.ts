/** What can be run of a flow besides all of it; part of the one table of commands. */

import { isOver, liveRun } from "@/features/runs";
import { msg } from "@/shared/i18n";
import type { Command } from "./commands";
import type { EditorSession } from "./session";
import { toggleBreakpoints } from "./store/breakpoints";
import { earlierRun, resume, runAnew, runFrom, runNode, runTo, togglePin } from "./store/partRuns";

const chosen = ({ store }: EditorSession): string | undefined => {
  const { selectedNodes } = store.getState();
  return selectedNodes.size === 1 ? [...selectedNodes][0] : undefined;
};
const idle = (session: EditorSession) => !session.running.active && chosen(session) !== undefined;

function onNode(session: EditorSession, act: (id: string) => void): void {
  const id = chosen(session);
  if (id !== undefined) act(id);
}

const stopped = ({ store, running }: EditorSession) => {
  const id = earlierRun(store);
  const { lastRunWent } = store.getState();
  const status = id === null ? null : (liveRun(id)?.state.status ?? lastRunWent);
  return !running.active && status !== null && isOver(status) && status !== "succeeded";
};

export const RUN_COMMANDS: Command[] = [
  {
    id: "run_node",
    title: msg("Run this node"),
    group: "node",
    keys: ["shift+enter"],
    possible: idle,
    run: (session) => onNode(session, (id) => void runNode(session, id)),
  },
  {
    id: "run_to",
    title: msg("Run to here"),
    group: "node",
    keys: ["t"],
    possible: idle,
    run: (session) => onNode(session, (id) => void runTo(session, id)),
  },
  {
    id: "run_from",
    title: msg("Run from here"),
    group: "node",
    keys: ["shift+t"],
    possible: (session) => idle(session) && earlierRun(session.store) !== null,
    run: (session) => onNode(session, (id) => void runFrom(session, id)),
  },
  {
    id: "pin",
    title: msg("Pin or unpin its output"),
    group: "node",
    keys: ["p"],
    possible: (session) => chosen(session) !== undefined,
    run: (session) => onNode(session, (id) => togglePin(session.store, id)),
  },
  {
    id: "breakpoint",
    title: msg("Set or remove a breakpoint"),
    group: "node",
    keys: ["f9"],
    possible: ({ store }) => store.getState().selectedNodes.size > 0,
    run: ({ store }) => toggleBreakpoints(store, store.getState().selectedNodes),
  },
  {
    id: "resume",
    title: msg("Resume the run where it failed"),
    group: "run",
    possible: stopped,
    run: (session) => void resume(session),
  },
  {
    id: "run_anew",
    title: msg("Run again, every node anew"),
    group: "run",
    keys: ["mod+shift+enter"],
    whileTyping: true,
    possible: (session) => !session.running.active && earlierRun(session.store) !== null,
    run: (session) => void runAnew(session),
  },
];
