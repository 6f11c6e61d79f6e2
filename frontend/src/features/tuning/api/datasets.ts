import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, type Schemas } from "@/shared/api";

export type Dataset = Schemas["Dataset"];
export type DatasetVersion = Schemas["DatasetVersion"];

const datasetsKey = ["datasets"];

export function useDatasets() {
  return useQuery({
    queryKey: datasetsKey,
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/datasets", { params: { query: { cursor, limit: 200 } }, signal }),
      ),
    refetchOnMount: "always",
  });
}

export function useExamples(version: string | undefined) {
  return useQuery({
    queryKey: ["examples", version],
    enabled: version !== undefined,
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/datasets/versions/{id}/examples", {
          params: { path: { id: version ?? "" } },
          signal,
        }),
      ),
  });
}

function useDatasetChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: datasetsKey }),
  });
}

export interface Upload {
  file: File;
  /** The dataset whose next version it is; a new dataset without. */
  dataset?: string;
  leaveOut?: boolean;
}

export function useUpload() {
  return useDatasetChange(({ file, dataset, leaveOut = false }: Upload) => {
    const how = { file_name: file.name, leave_out: leaveOut };
    // The file itself, not a text of it: it may be half a gigabyte.
    const raw = { body: file as unknown as string, bodySerializer: (body: unknown) => body as BodyInit };
    const headers = { "Content-Type": "application/octet-stream" };
    if (dataset === undefined)
      return answer(api.POST("/api/v1/datasets", { params: { query: how }, headers, ...raw }));
    const params = { path: { id: dataset }, query: how };
    return answer(api.POST("/api/v1/datasets/{id}/versions", { params, headers, ...raw }));
  });
}

export function useRenameDataset() {
  return useDatasetChange(({ id, name }: { id: string; name: string }) =>
    answer(api.PATCH("/api/v1/datasets/{id}", { params: { path: { id } }, body: { name } })),
  );
}

export function useDeleteDataset() {
  return useDatasetChange((id: string) =>
    answer(api.DELETE("/api/v1/datasets/{id}", { params: { path: { id } } })),
  );
}
