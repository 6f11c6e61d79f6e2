import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type CursorPage, cursorOf, get, send } from "@/shared/api";
import type { ErrorPayload, RunStatus, Values } from "../model/events";

export interface RunRow {
  id: string;
  flow: string;
  flow_name?: string;
  /** `draft` or the number of a published version. */
  version: string;
  status: RunStatus;
  attempt: number;
  error: ErrorPayload | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface RunRecord extends RunRow {
  inputs: Values;
  outputs: Values | null;
  last_seq: number;
}

export interface RunFilter {
  flow?: string;
  status?: RunStatus;
}

const runsKey = ["runs"];

/** Fresh runs appear by themselves while the list is in sight. */
export function useRunList(filter: RunFilter) {
  return useInfiniteQuery({
    queryKey: [...runsKey, "list", filter],
    queryFn: ({ pageParam, signal }) =>
      get<CursorPage<RunRow>>("runs", { ...filter, cursor: pageParam }, signal),
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
    queryFn: ({ signal }) => get<RunRecord>(`runs/${runId}`, undefined, signal),
  });
}

export interface NewRun {
  flowId: string;
  version: "draft" | "published" | number;
  inputs: Values;
  /** The draft as it stands in the editor, when it is not saved yet. */
  document?: unknown;
}

export interface StartedRun {
  id: string;
  last_seq: number;
  status: RunStatus;
}

/** Throws ApiError `findings` when the flow cannot run; nothing is saved then. */
export function useStartRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ flowId, ...body }: NewRun) =>
      (await send<StartedRun>("POST", `flows/${flowId}/runs`, { body })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: runsKey }),
  });
}

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => send("POST", `runs/${runId}/cancel`),
    onSuccess: (_answer, runId) => client.invalidateQueries({ queryKey: [...runsKey, runId] }),
  });
}
