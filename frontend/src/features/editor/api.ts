/** What the editor asks of the server. */
import { type CursorPage, get, send } from "@/shared/api";
import type { Operation } from "./model/patch";
import type { Catalogue, Finding, FlowDocument } from "./model/types";

export interface FlowFacts {
  id: string;
  name: string;
  description: string;
  revision: number;
  published_version: number | null;
}

export interface Draft {
  document: FlowDocument;
  revision: number;
  saved_at: string | null;
  findings: Finding[];
}

export interface Saved {
  revision: number;
  saved_at: string;
  findings: Finding[];
}

export interface Version {
  number: number;
  message: string;
  created_at: string;
  document?: FlowDocument;
}

export interface ModelFacts {
  ref: string;
  connection: string;
  provider: string;
  model: string;
  title: string;
  job: "chat" | "embedding";
  builtin: boolean;
  note: string;
}

export const getCatalogue = (signal?: AbortSignal) => get<Catalogue>("catalogue", undefined, signal);
export const getFlow = (id: string, signal?: AbortSignal) => get<FlowFacts>(`flows/${id}`, undefined, signal);
export const getDraft = (id: string, signal?: AbortSignal) =>
  get<Draft>(`flows/${id}/draft`, undefined, signal);
export const getModels = (signal?: AbortSignal) =>
  get<ModelFacts[] | { results: ModelFacts[] }>("models", undefined, signal).then((answer) =>
    Array.isArray(answer) ? answer : answer.results,
  );

export async function renameFlow(id: string, name: string): Promise<FlowFacts> {
  return (await send<FlowFacts>("PATCH", `flows/${id}`, { body: { name } })).data;
}

const match = (revision: number) => ({ "If-Match": `"${revision}"` });

export async function patchDraft(id: string, revision: number, patch: Operation[]): Promise<Saved> {
  return (await send<Saved>("PATCH", `flows/${id}/draft`, { body: patch, headers: match(revision) })).data;
}

export async function putDraft(id: string, revision: number, document: FlowDocument): Promise<Saved> {
  return (await send<Saved>("PUT", `flows/${id}/draft`, { body: document, headers: match(revision) })).data;
}

export async function copyFlow(id: string, name: string, document?: FlowDocument): Promise<FlowFacts> {
  return (await send<FlowFacts>("POST", `flows/${id}/copy`, { body: { name, document } })).data;
}

export async function publish(id: string, message: string): Promise<Version> {
  return (await send<Version>("POST", `flows/${id}/versions`, { body: { message } })).data;
}

export const getVersions = (id: string) =>
  get<CursorPage<Version> | Version[]>(`flows/${id}/versions`).then((answer) =>
    Array.isArray(answer) ? answer : answer.results,
  );
export const getVersion = (id: string, number: number) => get<Version>(`flows/${id}/versions/${number}`);
