/** The code beside the canvas: it follows the drawing, and the drawing follows what is edited in it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { getFile, readSource } from "../api";
import { settle } from "../model/geometry";
import { merge } from "../model/merge";
import type { Finding, FlowDocument } from "../model/types";
import { useSession } from "../session";
import { useEditor } from "../store/context";

const PAUSE = 400;

export interface Problem {
  line: number | null;
  message: string;
  hint: string;
}

/** What could not be drawn as it is written: for the person who pasted it. */
const TOLD = new Set(["became_function", "not_drawn", "needs_packages", "not_taken_over"]);

export function useCode() {
  const session = useSession();
  const { store, autosave } = session;
  const { flowId } = store.getState();
  const savedAt = useEditor(({ save }) => (save.is === "saved" ? (save.at?.getTime() ?? 0) : null));
  /** The person's text, as long as it is not the drawing's. */
  const [edited, setEdited] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [remarks, setRemarks] = useState<Finding[]>([]);
  const [reading, setReading] = useState(false);
  const source = useQuery({
    queryKey: ["editor", flowId, "code", savedAt],
    queryFn: async ({ signal }) => {
      const document = store.getState().history.present;
      return { document, text: (await getFile(flowId, "python", signal)).text };
    },
    // While a change is on its way to the server, what was saved last stays on show.
    enabled: savedAt !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  /** What the text said when it was read last: what has changed since is the person's doing. */
  const base = useRef<FlowDocument | null>(null);
  const latest = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const left = useRef(false);
  /** What was read is on its way to the server; its code then stands for the person's. */
  const settling = useRef(false);

  function take(read: FlowDocument) {
    const { history, catalogue, change: draw } = store.getState();
    const next = settle(read, catalogue);
    const parted = base.current ?? history.present;
    base.current = next;
    // Whatever was drawn meanwhile stays, unless the code says otherwise.
    const { document } = merge(parted, history.present, next, "theirs");
    if (document !== history.present) draw(t("Edit the code"), () => document, { key: "code" });
  }

  async function read() {
    clearTimeout(timer.current);
    const text = latest.current;
    if (text === null) return;
    setReading(true);
    try {
      await autosave.flush(); // the server looks there for what code leaves out
      const found = await readSource(flowId, text);
      if (latest.current !== text) return;
      take(found.document);
      setProblem(null);
      setRemarks(found.findings.filter((finding) => TOLD.has(finding.code)));
      if (left.current) follow();
    } catch (thrown) {
      if (latest.current !== text) return;
      const error = asApiError(thrown);
      const line = typeof error.extra.line === "number" ? error.extra.line : null;
      setProblem({ line, message: error.words, hint: error.advice });
    } finally {
      setReading(false);
    }
  }

  function follow() {
    clearTimeout(timer.current);
    latest.current = null;
    base.current = null;
    store.getState().seal();
    setProblem(null);
    settling.current = store.getState().save.is !== "saved";
    if (!settling.current) setEdited(null);
  }

  function discard() {
    follow();
    settling.current = false;
    setEdited(null);
  }

  const isFresh = source.isSuccess && !source.isPlaceholderData;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer counts, equal or not
  useEffect(() => {
    if (isFresh && settling.current && latest.current === null) {
      settling.current = false;
      setEdited(null);
    }
  }, [isFresh, source.dataUpdatedAt]);

  function change(text: string) {
    if (latest.current === null) base.current = source.data?.document ?? null;
    left.current = false;
    settling.current = false;
    latest.current = text;
    setEdited(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void read(), PAUSE);
  }

  function done() {
    if (latest.current === null) return;
    left.current = true;
    void read();
  }

  useEffect(() => () => clearTimeout(timer.current), []);

  return {
    text: edited ?? source.data?.text ?? "",
    problem,
    remarks,
    reading,
    failed: source.isError ? source.error : null,
    retry: () => void source.refetch(),
    change,
    done,
    discard,
  };
}
