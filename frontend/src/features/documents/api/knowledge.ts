import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages, answer, api, cursorOf, readError, type Schemas } from "@/shared/api";
import { sendBytes } from "./bytes";

export type Knowledge = Schemas["Knowledge"];
export type KnowledgeForm = Schemas["KnowledgeFormRequest"];
export type SourceDocument = Schemas["SourceDocument"];
export type DocumentState = Schemas["DocumentState"];
export type NodeGroup = Schemas["NodeGroup"];
export type SearchSettings = Schemas["SearchSettings"];
export type SearchResult = Schemas["SearchResult"];
export type Hit = Schemas["Hit"];
export type Place = Omit<Schemas["Place"], "boxes"> & { boxes?: number[][] };
export type Action = Schemas["ActionRequest"];
export type Version = Schemas["KnowledgeVersion"];
export type ChunkPreview = Schemas["ChunkPreview"];

const knowledgeKey = ["knowledge"];
export const oneKey = (id: string) => [...knowledgeKey, "one", id];
export const documentsKey = (id: string) => ["documents", id];

export function useKnowledgeList() {
  return useInfiniteQuery({
    queryKey: [...knowledgeKey, "list"],
    queryFn: ({ pageParam: cursor, signal }) =>
      answer(api.GET("/api/v1/knowledge", { params: { query: { cursor } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => cursorOf(last.next),
    refetchOnMount: "always",
  });
}

export function useKnowledge(id: string) {
  return useQuery({
    queryKey: oneKey(id),
    queryFn: ({ signal }) => answer(api.GET("/api/v1/knowledge/{id}", { params: { path: { id } }, signal })),
  });
}

export function useOptions() {
  return useQuery({
    queryKey: [...knowledgeKey, "options"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/knowledge/options", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useModels(job: string) {
  const models = useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/models", { signal })),
  });
  return models.data?.filter((model) => model.job === job) ?? [];
}

function useChange<Input, Result>(change: (input: Input) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: knowledgeKey }),
  });
}

export function useCreateKnowledge() {
  return useChange((body: KnowledgeForm) => answer(api.POST("/api/v1/knowledge", { body })));
}

export function useUpdateKnowledge(id: string) {
  return useChange((body: Partial<KnowledgeForm>) =>
    answer(api.PATCH("/api/v1/knowledge/{id}", { params: { path: { id } }, body })),
  );
}

export function useDeleteKnowledge() {
  return useChange((id: string) =>
    answer(api.DELETE("/api/v1/knowledge/{id}", { params: { path: { id } } })),
  );
}

export function useRebuild(id: string) {
  return useChange((stop: boolean) =>
    stop
      ? answer(api.DELETE("/api/v1/knowledge/{id}/rebuild", { params: { path: { id } } }))
      : answer(api.POST("/api/v1/knowledge/{id}/rebuild", { params: { path: { id } } })),
  );
}

export function useCheckIndex(id: string) {
  return useMutation({
    mutationFn: () => answer(api.GET("/api/v1/knowledge/{id}/check", { params: { path: { id } } })),
  });
}

export function useSearch(id: string) {
  return useMutation({
    mutationFn: async (body: { query: string; settings: SearchSettings }) =>
      (await answer(
        api.POST("/api/v1/knowledge/{id}/search", { params: { path: { id } }, body }),
      )) as SearchResult,
  });
}

export function useCases(id: string) {
  return useQuery({
    queryKey: ["cases", id],
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/knowledge/{id}/cases", { params: { path: { id }, query: { cursor } }, signal }),
      ),
  });
}

export function useCaseChange(id: string) {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ["cases", id] });
  const keep = useMutation({
    mutationFn: (body: Schemas["CaseRequest"]) =>
      answer(api.POST("/api/v1/knowledge/{id}/cases", { params: { path: { id } }, body })),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (caseId: string) =>
      answer(api.DELETE("/api/v1/knowledge-cases/{id}", { params: { path: { id: caseId } } })),
    onSuccess,
  });
  return { keep, remove };
}

export function useRunCases(id: string) {
  return useMutation({
    mutationFn: (settings: SearchSettings) =>
      answer(api.POST("/api/v1/knowledge/{id}/cases/run", { params: { path: { id } }, body: { settings } })),
  });
}

const versionsKey = (id: string) => [...knowledgeKey, "versions", id];

export function useVersions(id: string) {
  return useQuery({
    queryKey: versionsKey(id),
    queryFn: ({ signal }) =>
      allPages((cursor) =>
        api.GET("/api/v1/knowledge/{id}/versions", { params: { path: { id }, query: { cursor } }, signal }),
      ),
  });
}

export function useVersionChange(id: string) {
  const client = useQueryClient();
  const onSuccess = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: knowledgeKey }),
      client.invalidateQueries({ queryKey: documentsKey(id) }),
      client.invalidateQueries({ queryKey: ["cases", id] }),
    ]);
  const save = useMutation({
    mutationFn: async (note: string) => {
      const { data, error, response } = await api.POST("/api/v1/knowledge/{id}/versions", {
        params: { path: { id } },
        body: { note },
      });
      if (!data) throw readError(response.status, error);
      return { version: data, isNew: response.status === 201 };
    },
    onSuccess,
  });
  const restore = useMutation({
    mutationFn: (version: string) =>
      answer(api.POST("/api/v1/knowledge-versions/{id}", { params: { path: { id: version } } })),
    onSuccess,
  });
  const remove = useMutation({
    mutationFn: (version: string) =>
      answer(api.DELETE("/api/v1/knowledge-versions/{id}", { params: { path: { id: version } } })),
    onSuccess,
  });
  return { save, restore, remove };
}

export function usePreviewFile(id: string) {
  return useMutation({
    mutationFn: async ({ file, groups }: { file: File; groups?: NodeGroup[] }) => {
      const asked = new URLSearchParams({ name: file.name });
      if (groups) asked.set("groups", JSON.stringify(groups));
      return (await sendBytes("POST", `/api/v1/knowledge/${id}/preview/file?${asked}`, file)) as ChunkPreview;
    },
  });
}

export function usePreview(id: string) {
  return useMutation({
    mutationFn: (body: Schemas["PreviewFormRequest"]) =>
      answer(api.POST("/api/v1/knowledge/{id}/preview", { params: { path: { id } }, body })),
  });
}
