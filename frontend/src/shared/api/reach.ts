/** Whether the server answers: the banner shows it, and waiting queries resume when it is back. */
import { onlineManager } from "@tanstack/react-query";
import { create } from "zustand";

export const useReach = create<{ reachable: boolean }>(() => ({ reachable: true }));

let waiting: ReturnType<typeof setTimeout> | undefined;

export function reached(answered: boolean): void {
  if (useReach.getState().reachable !== answered) {
    useReach.setState({ reachable: answered });
    onlineManager.setOnline(answered);
  }
  if (!answered && waiting === undefined) ask(1000);
}

/** Asks for `health` until it answers, at most every 8 s; only then are the queries let loose again. */
function ask(delay: number): void {
  waiting = setTimeout(async () => {
    const answered = await fetch("/api/v1/health", { cache: "no-store" }).then(
      (response) => response.headers.get("Content-Type")?.includes("json") ?? false,
      () => false,
    );
    waiting = undefined;
    if (answered) reached(true);
    else ask(Math.min(delay * 2, 8000));
  }, delay);
}

export function watchConnection(): void {
  window.addEventListener("offline", () => reached(false));
}
