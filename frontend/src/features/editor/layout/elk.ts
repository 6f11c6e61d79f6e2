/** The layouter in a worker of its own: arranging a thousand nodes never holds up the page. */
import ELK from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { Elk } from "./arrange";

export async function withElk<Result>(work: (elk: Elk) => Promise<Result>): Promise<Result> {
  const elk = new ELK({ workerUrl });
  try {
    return await work(elk);
  } finally {
    elk.terminateWorker();
  }
}
