/** A fine-tune as it goes: what its trainer told so far, and where it stands. */
import { useEffect, useState } from "react";
import { recordsAfter, type Tune } from "../api/tuning";
import { fold, NOTHING, type Told } from "./told";

const LOOK_EVERY = 1000;

export interface Live {
  tune: Tune | undefined;
  told: Told;
  error: unknown;
}

/** Asks on until it has ended; `again` starts anew after a resume. */
export function useLiveTune(id: string, again: number): Live {
  const [live, setLive] = useState<Live>({ tune: undefined, told: NOTHING, error: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is why
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let told = NOTHING;
    const look = async () => {
      try {
        const found = await recordsAfter(id, told.last, stop.signal);
        told = fold(told, found.records);
        const { tune } = found;
        if (!found.more) setLive({ tune, told, error: null });
        const over = tune.state !== "queued" && tune.state !== "running";
        if (!over || found.more) timer = setTimeout(look, found.more ? 0 : LOOK_EVERY);
      } catch (error) {
        if (stop.signal.aborted) return;
        setLive((known) => ({ ...known, error }));
        timer = setTimeout(look, 3 * LOOK_EVERY);
      }
    };
    void look();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, again]);
  return live;
}
