import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, cursorOf, type Schemas } from "@/shared/api";
import type { RunEvent, RunStatus, Values } from "../model/events";

export type RunRow = Schemas["Run"];
export type RunRecord = Schemas["WholeRun"];

export type Comparison = Schemas["Comparison"];

export interface RunFilter {
  flow?: string;
  status?: RunStatus;
  /** `draft` or a number. */
  version?: string;
  origin?: string;
  /** ISO 8601. */
  after?: string;
  /** Words in the flow's name, the inputs or the outputs. */
  q?: string;
}

const runsKey = ["runs"];

/** Fresh runs appear by themselves whenever the list comes into sight. */
export function useRunList({ status, ...filter }: RunFilter) {
  return useInfiniteQuery({
    queryKey: [...runsKey, "list", status, filter],
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { cursor, ...filter, status: status && [status] };
      return answer(api.GET("/api/v1/runs", { params: { query }, signal }));
    },
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

/** What differs between two runs. */
export function useComparison(left: string, right: string) {
  return useQuery({
    queryKey: [...runsKey, left, "compare", right],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/runs/{run_id}/compare/{other_id}", {
          params: { path: { run_id: left, other_id: right } },
          signal,
        }),
      ),
  });
}

/** What a run has told so far, in pages; asked again when there is news. */
export function useRunEvents(runId: string, lastSeq: number) {
  return useInfiniteQuery({
    queryKey: [...runsKey, runId, "events", lastSeq],
    queryFn: async ({ pageParam: after, signal }) =>
      (await answer(
        api.GET("/api/v1/runs/{run_id}/events", {
          params: { path: { run_id: runId }, query: { after } },
          headers: { Accept: "application/json" },
          signal,
        }),
      )) as RunEvent[],
    initialPageParam: 0,
    getNextPageParam: (last) => {
      const newest = last.at(-1)?.seq;
      return newest !== undefined && newest < lastSeq ? newest : undefined;
    },
    placeholderData: keepPreviousData,
  });
}

/** What a run asks, with until when. */
export function useQuestions(runId: string, wanted: boolean) {
  return useQuery({
    queryKey: [...runsKey, runId, "questions"],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET("/api/v1/runs/{run_id}/answers", { params: { path: { run_id: runId } }, signal }),
        )
      ).results,
    enabled: wanted,
    refetchOnMount: "always",
  });
}

export function useShareRun(runId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (shared: boolean) =>
      answer(api.PATCH("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } }, body: { shared } })),
    onSuccess: (run) => client.setQueryData([...runsKey, runId], run),
  });
}

export interface NewRun {
  flowId: string;
  /** By default that of `from_run`. */
  version?: "draft" | "published" | number;
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
            version: version === undefined ? undefined : String(version),
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
