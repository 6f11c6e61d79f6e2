/** The line to a run's events: WebSocket, and server-sent events where no WebSocket gets through. */
import { ApiError } from "@/shared/api";
import { msg, t } from "@/shared/i18n";
import type { RunEvent } from "./events";
import { type Line, studioLine } from "./line";

export interface Listener {
  /** The last event that is known; the server goes on behind it. */
  lastSeq: () => number;
  events: (events: RunEvent[]) => void;
  /** All has been told. */
  ended: () => boolean;
  /** `false` while the line is down and being built up again. */
  connected: (live: boolean) => void;
  /** There is no point in trying again. */
  refused: (error: ApiError) => void;
}

const FIRST_DELAY = 250;
const LONGEST_DELAY = 5_000;
/** WebSockets that never opened before the other way is tried. */
const UNOPENED = 2;

const REFUSALS: Record<number, [code: string, message: string]> = {
  4401: ["not_authenticated", msg("Your session has ended.")],
  4403: ["forbidden", msg("This page may not listen to the run.")],
  4404: ["not_found", msg("This run does not exist any more.")],
};

/** As a record, so that the compiler misses none: an event that is not heard is a gap to ask for again, for ever. */
const TYPES: Record<RunEvent["type"], true> = {
  "run.queued": true,
  "run.started": true,
  "run.waiting": true,
  "run.cancelling": true,
  "run.succeeded": true,
  "run.failed": true,
  "run.timed_out": true,
  "run.cancelled": true,
  "step.started": true,
  "step.delta": true,
  "step.progress": true,
  "step.retrying": true,
  "step.waiting": true,
  "step.succeeded": true,
  "step.failed": true,
  "step.skipped": true,
  "step.cancelled": true,
  log: true,
};

/** Listens until the run is over; returns what stops it. */
export function listen(runId: string, listener: Listener, line: Line = studioLine): () => void {
  let stopped = false;
  let delay = FIRST_DELAY;
  let unopened = 0;
  let close = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  const again = () => {
    if (stopped || listener.ended()) return;
    listener.connected(false);
    // Half of the delay is chance, so that all pages don't come back in the same instant.
    timer = setTimeout(connect, delay * (0.5 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_DELAY);
  };
  const opened = () => {
    delay = FIRST_DELAY;
    unopened = 0;
    listener.connected(true);
  };
  const take = (events: RunEvent[]) => {
    const first = events[0];
    if (line.whole && first && first.seq > listener.lastSeq() + 1) return close(); // Some are missing: ask again from the last.
    listener.events(events);
  };

  function connect() {
    if (stopped) return;
    close = unopened >= UNOPENED && line.events ? overServerSent(line.events(runId)) : overSocket();
  }

  function overSocket() {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const address = `${scheme}://${window.location.host}${line.socket(runId)}?after=${listener.lastSeq()}`;
    const socket = new WebSocket(address);
    unopened += 1;
    socket.onopen = opened;
    socket.onmessage = ({ data }) => take(JSON.parse(data));
    socket.onclose = ({ code }) => {
      const refusal = REFUSALS[code];
      if (!refusal) return again();
      if (!stopped) listener.refused(new ApiError(refusal[0], t(refusal[1]), "", {}, code - 4000));
    };
    return () => socket.close();
  }

  function overServerSent(address: string) {
    const source = new EventSource(`${address}?after=${listener.lastSeq()}`);
    source.onopen = opened;
    for (const type of Object.keys(TYPES))
      source.addEventListener(type, ({ data }) => take([JSON.parse(data)]));
    const finish = () => {
      source.close();
      again();
    };
    // The browser would ask again for the first address; we know better how far we are.
    source.onerror = finish;
    return finish;
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    close();
  };
}
