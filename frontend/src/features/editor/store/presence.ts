/** Who else has this flow open: each page tells the others over a socket. */
import type { EditorStore, Other } from "./editor";

const SAY_AGAIN = 20_000;
const FORGET = 50_000;
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;
/** Codes after which there is no point in trying again. */
const REFUSED = new Set([4401, 4403, 4404]);

type Told =
  | { kind: "open" }
  | { kind: "here"; from: string; name: string; node: string | null; answer: boolean }
  | { kind: "saved"; from: string; name: string; revision: number }
  | { kind: "gone"; from: string };

export interface Presence {
  /** Tells the others that the draft was saved. */
  saved(revision: number): void;
  /** Joins the others; returns what leaves them. */
  begin(heardSaved: (revision: number, name: string) => void): () => void;
}

export function startPresence(store: EditorStore): Presence {
  const { flowId } = store.getState();
  let socket: WebSocket | null = null;

  const send = (told: object) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(told));
  };
  const here = (answer = false) => send({ kind: "here", node: store.getState().inspected, answer });
  const change = (others: Record<string, Other>) => store.setState({ others });

  function hear(told: Told, heardSaved: (revision: number, name: string) => void): void {
    const { others } = store.getState();
    if (told.kind === "open") here(true);
    else if (told.kind === "here") {
      change({ ...others, [told.from]: { name: told.name, node: told.node, heard: Date.now() } });
      if (told.answer) here();
    } else if (told.kind === "gone") {
      const { [told.from]: _gone, ...rest } = others;
      change(rest);
    } else heardSaved(told.revision, told.name);
  }

  return {
    saved: (revision) => send({ kind: "saved", revision }),
    begin(heardSaved) {
      let stopped = false;
      let delay = FIRST_DELAY;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const connect = () => {
        const scheme = window.location.protocol === "https:" ? "wss" : "ws";
        socket = new WebSocket(`${scheme}://${window.location.host}/ws/flows/${flowId}/here`);
        socket.onmessage = ({ data }) => {
          delay = FIRST_DELAY;
          hear(JSON.parse(data) as Told, heardSaved);
        };
        socket.onclose = ({ code }) => {
          if (stopped) return;
          if (Object.keys(store.getState().others).length > 0) change({});
          if (REFUSED.has(code)) return;
          timer = setTimeout(connect, delay * (0.5 + Math.random() / 2));
          delay = Math.min(delay * 2, LONGEST_DELAY);
        };
      };
      connect();
      const beat = setInterval(() => {
        here();
        const { others } = store.getState();
        const fresh = Object.entries(others).filter(([, other]) => Date.now() - other.heard < FORGET);
        if (fresh.length < Object.keys(others).length) change(Object.fromEntries(fresh));
      }, SAY_AGAIN);
      const unsubscribe = store.subscribe((state, before) => {
        if (state.inspected !== before.inspected) here();
      });
      return () => {
        stopped = true;
        clearTimeout(timer);
        clearInterval(beat);
        unsubscribe();
        socket?.close();
        socket = null;
      };
    },
  };
}
