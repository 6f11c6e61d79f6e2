import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { allPages, answer, api, cursorOf, type Schemas } from "@/shared/api";

export type ExportJob = Schemas["ExportJob"];
export type ExportRequest = Schemas["ExportRequestRequest"];
export type ImportResult = Schemas["ImportResult"];
export type Imported = Schemas["Imported"];
export type Conflict = "new_version" | "copy" | "skip";

const exportsKey = ["exports"];
const LOOK_EVERY = 700;

export function isOpen(job: ExportJob): boolean {
  return job.state === "queued" || job.state === "running" || job.state === "cancelling";
}

/** The exports, newest first; asked for again and again while one of them is being made. */
export function useExports() {
  return useInfiniteQuery({
    queryKey: exportsKey,
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(api.GET("/api/v1/exports", { params: { query: { cursor } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => cursorOf(last.next),
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.results.some(isOpen)) ? LOOK_EVERY : false,
    refetchOnMount: "always",
  });
}

/** Every flow, for choosing among them. */
export function useAllFlows() {
  return useQuery({
    queryKey: ["flows", "all"],
    queryFn: ({ signal }) =>
      allPages((cursor) => api.GET("/api/v1/flows", { params: { query: { cursor, limit: 200 } }, signal })),
  });
}

/** Every dataset, for choosing among them. */
export function useAllDatasets() {
  return useQuery({
    queryKey: ["datasets", "all"],
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/datasets", { params: { query: { cursor, limit: 200 } }, signal }),
      ),
  });
}

/** What an export would hold, before it is made. */
export function usePreview(request: ExportRequest) {
  return useQuery({
    queryKey: ["export-preview", request],
    queryFn: ({ signal }) => answer(api.POST("/api/v1/exports/preview", { body: request, signal })),
    enabled: request.flows.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
}

function useExportChange<Input>(change: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: exportsKey }),
  });
}

export function useStartExport() {
  return useExportChange(({ request, key }: { request: ExportRequest; key: string }) =>
    answer(api.POST("/api/v1/exports", { params: { header: { "Idempotency-Key": key } }, body: request })),
  );
}

export function useCancelExport() {
  return useExportChange((id: string) =>
    answer(api.POST("/api/v1/exports/{id}/cancel", { params: { path: { id } } })),
  );
}

export function useDeleteExport() {
  return useExportChange((id: string) =>
    answer(api.DELETE("/api/v1/exports/{id}", { params: { path: { id } } })),
  );
}

export interface ImportHow {
  dry_run?: boolean;
  conflict?: Conflict;
  bindings?: Record<string, string>;
}

const ENDING = /(?:\.flow)?\.(json|ya?ml|py)$/i;
const FORMATS = { json: "json", yml: "yaml", yaml: "yaml", py: "python" } as const;

export function isArchive(file: File): boolean {
  return /\.zip$/i.test(file.name) || file.type === "application/zip";
}

/** Sends a file: an archive as it is, the text of one flow as text. */
export async function importFile(file: File, how: ImportHow): Promise<ImportResult> {
  const query = { ...how, bindings: JSON.stringify(how.bindings ?? {}) };
  if (isArchive(file)) {
    return answer(
      api.POST("/api/v1/imports", {
        params: { query },
        // The type of the body says text where the description says bytes.
        body: file as unknown as string,
        bodySerializer: (body: unknown) => body as BodyInit,
        headers: { "Content-Type": "application/zip" },
      }),
    );
  }
  const ending = file.name.match(ENDING)?.[1]?.toLowerCase() as keyof typeof FORMATS | undefined;
  const name = file.name.replace(ENDING, "").slice(0, 200);
  const format = ending && FORMATS[ending];
  return answer(
    api.POST("/api/v1/imports", { params: { query }, body: { name, format, content: await file.text() } }),
  );
}

export function useImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ file, ...how }: ImportHow & { file: File }) => importFile(file, how),
    onSuccess: (_, { dry_run }) => (dry_run ? undefined : client.invalidateQueries({ queryKey: ["flows"] })),
  });
}

/** What would happen, for the choices made so far. */
export function useDryRun(file: File | null, how: ImportHow) {
  return useQuery({
    queryKey: ["import-dry-run", file?.name, file?.size, file?.lastModified, how],
    queryFn: () => importFile(file as File, { ...how, dry_run: true }),
    enabled: file !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
    staleTime: 0,
  });
}

export function useConnections() {
  return useQuery({
    queryKey: ["connections"],
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/connections", { params: { query: { cursor, limit: 200 } }, signal }),
      ),
  });
}
