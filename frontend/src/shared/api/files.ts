import { answer, api, type Schemas } from "./client";

/** A file as a flow sees it: a reference, never the content. */
export type SentFile = Schemas["File"];

/** How a request sends the bytes of a file: the type of the body says text where the description says bytes. */
export function asBytes(file: File) {
  return {
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as BodyInit,
    headers: { "Content-Type": "application/octet-stream" },
  };
}

/** Sends a file; what comes back names it in a message or as an input. */
export function uploadFile(file: File): Promise<SentFile> {
  return answer(api.POST("/api/v1/files", { params: { query: { name: file.name } }, ...asBytes(file) }));
}

export const fileAddress = (ref: string) => `/api/v1/files/${ref}`;
