/** One question to one model, its answer as it comes. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { useEffect, useRef, useState } from "react";
import { api, asApiError } from "@/shared/api";

export interface Asking {
  text: string;
  busy: boolean;
  error: unknown;
}

const QUIET: Asking = { text: "", busy: false, error: null };

export function useAsking() {
  const [asking, setAsking] = useState(QUIET);
  const stopper = useRef<AbortController | null>(null);
  useEffect(() => () => stopper.current?.abort(), []);
  const ask = async (model: string, messages: Record<string, unknown>[]) => {
    stopper.current?.abort();
    const stop = new AbortController();
    stopper.current = stop;
    setAsking({ text: "", busy: true, error: null });
    try {
      const body = { model, messages, max_tokens: 256 };
      const { response, error } = await api.POST("/api/v1/tuning/ask", {
        body,
        parseAs: "stream",
        signal: stop.signal,
      });
      if (error !== undefined || !response.body) throw error ?? new Error("no answer");
      await read(response.body, (text) => setAsking((known) => ({ ...known, text: known.text + text })));
      setAsking((known) => ({ ...known, busy: false }));
    } catch (thrown) {
      if (!stop.signal.aborted) setAsking((known) => ({ ...known, busy: false, error: asApiError(thrown) }));
    }
  };
  const stop = () => {
    stopper.current?.abort();
    setAsking((known) => ({ ...known, busy: false }));
  };
  return { asking, ask, stop };
}

async function read(body: ReadableStream<Uint8Array>, told: (text: string) => void): Promise<void> {
  const events = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  for (;;) {
    const { done, value } = await events.read();
    if (done || value.event === "end") return;
    const facts = JSON.parse(value.data);
    if (value.event === "failed") throw facts;
    told(facts.text);
  }
}
