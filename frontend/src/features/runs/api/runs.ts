import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, cursorOf, type Schemas } from "@/shared/api";
import type { RunStatus, Values } from "../model/events";

export type RunRow = Schemas["Run"];
export type RunRecord = Schemas["WholeRun"];

export interface RunFilter {
  flow?: string;
  status?: RunStatus;
}

const runsKey = ["runs"];

/** Fresh runs appear by themselves whenever the list comes into sight. */
export function useRunList({ flow, status }: RunFilter) {
  return useInfiniteQuery({
    queryKey: [...runsKey, "list", flow, status],
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(
        api.GET("/api/v1/runs", { params: { query: { cursor, flow, status: status && [status] } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => cursorOf(last.next),
    placeholderData: keepPreviousData,
    refetchOnMount: "always",
    refetchOnWindowFocus: "always",
  });
}

export function useRunRecord(runId: string) {
  return useQuery({
    queryKey: [...runsKey, runId],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } }, signal })),
  });
}

export interface NewRun {
  flowId: string;
  version: "draft" | "published" | number;
  /** By default those of `from_run`, else none. */
  inputs?: Values;
  /** The draft as it stands in the editor, when it is not saved yet. */
  document?: object;
  /** What to do of the flow, and which earlier results to use; see the API. */
  part?: RunPart;
}

export type RunPart = Partial<
  Pick<
    Schemas["StartRequest"],
    | "scope"
    | "edits"
    | "breakpoints"
    | "from_run"
    | "reuse"
    | "pins"
    | "origin"
    | "seed"
    | "backend"
    | "resources"
  >
>;

const WHOLE = { origin: "api", reuse: false, pins: false } as const;

/** Throws ApiError `flow_has_errors` with the findings when the flow cannot run; nothing is saved then. */
export function useStartRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ flowId, version, inputs, document, part }: NewRun) =>
      answer(
        api.POST("/api/v1/flows/{flow_id}/runs", {
          params: { path: { flow_id: flowId } },
          body: {
            version: String(version),
            inputs,
            document: document as Values | undefined,
            ...WHOLE,
            ...part,
            queue: "interactive",
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: runsKey }),
  });
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) =>
      answer(api.POST("/api/v1/runs/{run_id}/cancel", { params: { path: { run_id: runId } } })),
    onSuccess: (_answer, runId) => client.invalidateQueries({ queryKey: [...runsKey, runId] }),
  });
}
