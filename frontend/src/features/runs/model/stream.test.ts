import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunEvent } from "./events";
import { emptyRun, fold } from "./fold";
import { type Listener, listen } from "./stream";

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen = () => {};
  onmessage = (_event: { data: string }) => {};
  onclose = (_event: { code: number }) => {};
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  close() {
    this.onclose({ code: 1005 });
  }
  tell(...events: RunEvent[]) {
    this.onmessage({ data: JSON.stringify(events) });
  }
}

class FakeSource {
  static all: FakeSource[] = [];
  onopen = () => {};
  onerror = () => {};
  heard: Record<string, (event: { data: string }) => void> = {};
  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  addEventListener(type: string, hear: (event: { data: string }) => void) {
    this.heard[type] = hear;
  }
  close() {}
}

const started: RunEvent = { seq: 1, at: 1, type: "run.started", attempt: 1 };
const step: RunEvent = {
  seq: 2,
  at: 2,
  type: "step.started",
  node_id: "a",
  path: "",
  attempt: 1,
  inputs: {},
};
const done: RunEvent = { seq: 3, at: 3, type: "run.succeeded", outputs: {} };

let state = emptyRun();
let listener: Listener;
const last = () => FakeSocket.all.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("EventSource", FakeSource);
  FakeSocket.all = [];
  FakeSource.all = [];
  state = emptyRun();
  listener = {
    lastSeq: () => state.last_seq,
    events: (events) => {
      state = fold(state, events);
    },
    ended: () => state.status === "succeeded",
    connected: vi.fn(),
    refused: vi.fn(),
  };
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a line that broke is built up again behind the last event", () => {
  listen("r", listener);
  last().onopen();
  last().tell(started, step);
  last().onclose({ code: 1006 });
  expect(listener.connected).toHaveBeenLastCalledWith(false);
  vi.advanceTimersByTime(6_000);
  expect(FakeSocket.all).toHaveLength(2);
  expect(last().url).toContain("/ws/runs/r?after=2");
});

test("after the last event nobody calls again", () => {
  listen("r", listener);
  last().onopen();
  last().tell(started, step, done);
  last().onclose({ code: 1000 });
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
});

test("a gap is not folded over: what is missing is asked for", () => {
  listen("r", listener);
  last().onopen();
  last().tell(started);
  last().tell(done);
  expect(state.status).toBe("running");
  vi.advanceTimersByTime(6_000);
  expect(last().url).toContain("after=1");
  last().onopen();
  last().tell(step, done);
  expect(state.status).toBe("succeeded");
});

test("where no socket opens, the events come by the other way", () => {
  listen("r", listener);
  last().onclose({ code: 1006 });
  vi.advanceTimersByTime(6_000);
  last().onclose({ code: 1006 });
  vi.advanceTimersByTime(6_000);
  expect(FakeSource.all[0]?.url).toBe("/api/v1/runs/r/events?after=0");
  FakeSource.all[0]?.heard["run.started"]?.({ data: JSON.stringify(started) });
  expect(state.status).toBe("running");
});

test("a refusal is told and not argued with", () => {
  listen("r", listener);
  last().onclose({ code: 4404 });
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
  expect(listener.refused).toHaveBeenCalledWith(expect.objectContaining({ code: "not_found", status: 404 }));
});

test("who stops listening is left alone", () => {
  const stop = listen("r", listener);
  last().onopen();
  stop();
  vi.advanceTimersByTime(60_000);
  expect(FakeSocket.all).toHaveLength(1);
});
