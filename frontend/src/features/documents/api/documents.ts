import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/shared/api";
import { sendBytes } from "./bytes";
import { type Action, documentsKey, type Place } from "./knowledge";

export type Chunk = Omit<Schemas["Chunk"], "places"> & { readonly places: Place[] };
export type DocumentText = Schemas["DocumentText"];
export type FullDocument = Schemas["FullSourceDocument"];

export interface Filter {
  q?: string;
  state?: string;
  language?: string;
  tag?: string;
  order?: string;
}

export function getDocuments(
  id: string,
  filter: Filter,
  offset: number,
  limit: number,
  signal?: AbortSignal,
) {
  const query = { ...filter, offset, limit } as Record<string, unknown>;
  return answer(
    api.GET("/api/v1/knowledge/{id}/documents", { params: { path: { id }, query: query as never }, signal }),
  );
}

/** One thing done with several documents; the socket tells what became of them. */
export function useDocumentsAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Action) =>
      answer(api.POST("/api/v1/knowledge/{id}/documents/act", { params: { path: { id } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: documentsKey(id) }),
  });
}

export function useFacets(id: string, changed: string) {
  return useQuery({
    queryKey: [...documentsKey(id), "facets", changed],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/knowledge/{id}/documents/facets", { params: { path: { id } }, signal })),
    placeholderData: (before) => before,
  });
}

/** Another file in the place of a document's original; tags and edits stay. */
export function useReplace(knowledge: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, file }: { id: string; file: File }) =>
      sendBytes("PUT", `/api/v1/documents/${id}/original?name=${encodeURIComponent(file.name)}`, file),
    onSuccess: (_, { id }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: documentsKey(knowledge) }),
        client.invalidateQueries({ queryKey: ["document", id] }),
      ]),
  });
}

function useAdded<Input, Result>(id: string, add: (input: Input) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: add,
    onSuccess: () => client.invalidateQueries({ queryKey: documentsKey(id) }),
  });
}

export function useAddText(id: string) {
  return useAdded(id, (body: Schemas["TextFormRequest"]) =>
    answer(api.POST("/api/v1/knowledge/{id}/texts", { params: { path: { id } }, body })),
  );
}

export function useAddSources(id: string) {
  return useAdded(id, (body: Schemas["SourcesFormRequest"]) =>
    answer(api.POST("/api/v1/knowledge/{id}/sources", { params: { path: { id } }, body })),
  );
}

export function useDocument(id: string) {
  return useQuery({
    queryKey: ["document", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/documents/{id}", { params: { path: { id } }, signal })),
  });
}

export function useDocumentLog(id: string, changed: string) {
  return useQuery({
    queryKey: ["document", id, "log", changed],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/documents/{id}/log", { params: { path: { id } }, signal })),
    placeholderData: (before) => before,
  });
}

export function useDocumentText(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["document", id, "text"],
    queryFn: async ({ signal }) => {
      const page = (first: number) =>
        answer(
          api.GET("/api/v1/documents/{id}/text", {
            params: { path: { id }, query: { first, limit: 2000 } },
            signal,
          }),
        );
      const text = await page(0);
      while (text.blocks.length < text.total) {
        const more = await page(text.blocks.length);
        if (!more.blocks.length) break;
        text.blocks.push(...more.blocks);
      }
      return text;
    },
    enabled,
    staleTime: 60_000,
  });
}

export const chunksKey = (id: string) => ["chunks", id];

export function getChunks(
  id: string,
  filter: { group?: string; q?: string; edited?: boolean; dropped?: boolean },
  offset: number,
  limit: number,
  signal?: AbortSignal,
) {
  const query = { ...filter, offset, limit };
  return answer(api.GET("/api/v1/documents/{id}/chunks", { params: { path: { id }, query }, signal }));
}

export function useChunk(id: string, chunk: string | null) {
  return useQuery({
    queryKey: [...chunksKey(id), "one", chunk],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/documents/{id}/chunks/{chunk}", {
          params: { path: { id, chunk: chunk ?? "" } },
          signal,
        }),
      ),
    enabled: chunk !== null,
    retry: false,
  });
}

/** All that a person can do to a chunk. */
export function useChunkChange(id: string) {
  const client = useQueryClient();
  const change = <Input>(make: (input: Input) => Promise<unknown>) => ({
    mutationFn: make,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: chunksKey(id) }),
        client.invalidateQueries({ queryKey: ["document", id], exact: true }),
      ]),
  });
  const save = useMutation(
    change(({ chunk, ...body }: { chunk: string } & Schemas["PatchedChunkFormRequest"]) =>
      answer(api.PATCH("/api/v1/documents/{id}/chunks/{chunk}", { params: { path: { id, chunk } }, body })),
    ),
  );
  const add = useMutation(
    change((body: Schemas["NewChunkRequest"]) =>
      answer(api.POST("/api/v1/documents/{id}/chunks", { params: { path: { id } }, body })),
    ),
  );
  const remove = useMutation(
    change((chunk: string) =>
      answer(api.DELETE("/api/v1/documents/{id}/chunks/{chunk}", { params: { path: { id, chunk } } })),
    ),
  );
  const act = useMutation(
    change(({ chunk, ...body }: { chunk: string } & Schemas["ChunkActRequest"]) =>
      answer(
        api.POST("/api/v1/documents/{id}/chunks/{chunk}/act", { params: { path: { id, chunk } }, body }),
      ),
    ),
  );
  return { save, add, remove, act };
}
