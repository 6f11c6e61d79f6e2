/** Tells the other tabs of this browser that a draft was saved. */

interface News {
  flowId: string;
  revision: number;
}

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("flowloft.drafts");

/** A channel does not hear itself, so only other tabs get this. */
export function announceSaved(flowId: string, revision: number): void {
  channel?.postMessage({ flowId, revision } satisfies News);
}

export function hearSaved(flowId: string, heard: (revision: number) => void): () => void {
  const listen = ({ data }: MessageEvent<News>) => {
    if (data.flowId === flowId) heard(data.revision);
  };
  channel?.addEventListener("message", listen);
  return () => channel?.removeEventListener("message", listen);
}
