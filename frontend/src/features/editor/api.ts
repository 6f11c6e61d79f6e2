/** What the editor asks of the server. */
import type { RunStatus } from "@/features/runs";
import { allPages, answer, api, type Schemas } from "@/shared/api";
import type { Operation } from "./model/patch";
import type { Catalogue, Finding, FlowDocument } from "./model/types";

export type FlowFacts = Schemas["Flow"];
export type Version = Schemas["Version"];
export type ModelFacts = Schemas["Model"];
export type ModelDefaults = Schemas["Defaults"];

export interface Saved {
  revision: number;
  saved_at: string;
  findings: Finding[];
}

export interface Draft extends Saved {
  document: FlowDocument;
}

export async function getCatalogue(signal?: AbortSignal): Promise<Catalogue> {
  return (await answer(api.GET("/api/v1/catalogue", { signal }))) as Catalogue;
}

export function getFlow(id: string, signal?: AbortSignal): Promise<FlowFacts> {
  return answer(api.GET("/api/v1/flows/{id}", { params: { path: { id } }, signal }));
}

export async function getDraft(id: string, signal?: AbortSignal): Promise<Draft> {
  return (await answer(api.GET("/api/v1/flows/{id}/draft", { params: { path: { id } }, signal }))) as Draft;
}

/** Makes a flow of the text of a file; its id, or null where the server made none. */
export async function importFlow(content: string, name: string): Promise<string | null> {
  const { created } = await answer(api.POST("/api/v1/imports", { body: { content, name } }));
  return created.find((one) => one.type === "flow")?.id ?? null;
}

export interface FlowPorts {
  takes: { name: string; type: string; required: boolean }[];
  gives: { name: string; type: string }[];
}

/** What a saved flow takes and gives. */
export async function getFlowPorts(id: string, version: string): Promise<FlowPorts> {
  const { takes, gives } = await answer(
    api.GET("/api/v1/flows/{id}/ports", { params: { path: { id }, query: { version } } }),
  );
  return { takes, gives: gives.map(({ name, type }) => ({ name, type })) };
}

export function createFlow(name: string, document: FlowDocument): Promise<FlowFacts> {
  return answer(
    api.POST("/api/v1/flows", { body: { name, document } as unknown as Schemas["NewFlowRequest"] }),
  );
}

/** What a run was started with. */
export async function getInputs(runId: string): Promise<Record<string, unknown>> {
  const run = await answer(api.GET("/api/v1/runs/{run_id}", { params: { path: { run_id: runId } } }));
  return run.inputs as Record<string, unknown>;
}

export async function getFlows(): Promise<FlowFacts[]> {
  return (await answer(api.GET("/api/v1/flows", { params: { query: { limit: 200 } } }))).results;
}

export function getModelDefaults(signal?: AbortSignal): Promise<ModelDefaults> {
  return answer(api.GET("/api/v1/models/defaults", { signal }));
}

export function getModels(signal?: AbortSignal): Promise<ModelFacts[]> {
  return answer(api.GET("/api/v1/models", { signal }));
}

/** A kept key by its name; the key itself never comes out. */
export interface KeptKey {
  ref: string;
  name: string;
  address: string;
}

const SERVICE = "web_service";

/** The keys of web services that the person has kept. */
export async function getKeys(): Promise<KeptKey[]> {
  const found = await allPages((cursor) =>
    api.GET("/api/v1/connections", { params: { query: { cursor, limit: 200 } } }),
  );
  return found.filter((one) => one.provider === SERVICE).map(keptKey);
}

export async function keepKey(name: string, address: string, secret: string): Promise<KeptKey> {
  const body = { name, provider: SERVICE, base_url: address, api_key: secret, unchecked: false };
  return keptKey(await answer(api.POST("/api/v1/connections", { body })));
}

const keptKey = ({ name, base_url }: Schemas["Connection"]): KeptKey => ({
  ref: `${name}/key`,
  name,
  address: base_url ?? "",
});

export function renameFlow(id: string, name: string): Promise<FlowFacts> {
  return answer(api.PATCH("/api/v1/flows/{id}", { params: { path: { id } }, body: { name } }));
}

export type FileFormat = "json" | "yaml" | "python";

/** The saved draft as a file, as the server writes it. */
export async function getFile(
  id: string,
  format: FileFormat,
  signal?: AbortSignal,
): Promise<{ name: string; text: string }> {
  const call = api.GET("/api/v1/flows/{id}/export", {
    params: { path: { id }, query: { format } },
    parseAs: "text",
    signal,
  });
  const text = await answer(call);
  return { name: nameIn((await call).response.headers.get("Content-Disposition")) ?? `flow.${format}`, text };
}

/** Reads source as what the draft would be then; nothing is executed or saved. */
export async function readSource(
  id: string,
  text: string,
): Promise<{ document: FlowDocument; findings: Finding[] }> {
  const found = await answer(
    api.POST("/api/v1/flows/{id}/source", { params: { path: { id } }, body: { text } }),
  );
  return { document: found.document as FlowDocument, findings: found.findings };
}

/** `attachment; filename="a.py"`, or `filename*=utf-8''%E4…` (RFC 5987). */
function nameIn(disposition: string | null): string | undefined {
  const [, encoded, plain] = disposition?.match(/filename(?:\*=utf-8''([^;]+)|="([^"]*)")/i) ?? [];
  return encoded ? decodeURIComponent(encoded) : plain;
}

const at = (id: string, revision: number) => ({ path: { id }, header: { "If-Match": `"${revision}"` } });

/** `keepalive`: goes on its way although the page is being left; at most 64 KiB. */
export async function patchDraft(
  id: string,
  revision: number,
  patch: Operation[],
  keepalive = false,
): Promise<Saved> {
  return (await answer(
    api.PATCH("/api/v1/flows/{id}/draft", {
      params: at(id, revision),
      body: patch as Schemas["OperationRequest"][],
      keepalive,
    }),
  )) as Saved;
}

export async function putDraft(id: string, revision: number, document: FlowDocument): Promise<Saved> {
  return (await answer(
    api.PUT("/api/v1/flows/{id}/draft", {
      params: at(id, revision),
      body: document as unknown as Schemas["FlowSpec"],
    }),
  )) as Saved;
}

export function copyFlow(id: string, name: string, document: FlowDocument): Promise<FlowFacts> {
  return answer(
    api.POST("/api/v1/flows/{id}/copy", {
      params: { path: { id } },
      body: { name, document: document as unknown as Schemas["FlowSpec"] },
    }),
  );
}

export function publish(id: string, message: string): Promise<Version> {
  return answer(api.POST("/api/v1/flows/{id}/versions", { params: { path: { id } }, body: { message } }));
}

const ofFlow = (flow_id: string) => ({ params: { path: { flow_id } } });

export function getShare(id: string): Promise<Schemas["Link"]> {
  return answer(api.GET("/api/v1/flows/{flow_id}/share", ofFlow(id)));
}

export function changeShare(id: string, body: Schemas["PatchedLinkRequest"]): Promise<Schemas["Link"]> {
  return answer(api.PATCH("/api/v1/flows/{flow_id}/share", { ...ofFlow(id), body }));
}

/** Another link; the old one leads nowhere from then on. */
export function renewShare(id: string): Promise<Schemas["Link"]> {
  return answer(api.POST("/api/v1/flows/{flow_id}/share", ofFlow(id)));
}

export function getFlowKeys(id: string): Promise<Schemas["FlowKey"][]> {
  return answer(api.GET("/api/v1/flows/{flow_id}/keys", ofFlow(id)));
}

/** The key in full exists only in this answer. */
export function createFlowKey(id: string, name: string): Promise<Schemas["NewFlowKey"]> {
  return answer(api.POST("/api/v1/flows/{flow_id}/keys", { ...ofFlow(id), body: { name } }));
}

export function deleteFlowKey(flow_id: string, key_id: string): Promise<undefined> {
  return answer(
    api.DELETE("/api/v1/flows/{flow_id}/keys/{key_id}", { params: { path: { flow_id, key_id } } }),
  );
}

export function getVersions(id: string): Promise<Version[]> {
  return allPages((cursor) =>
    api.GET("/api/v1/flows/{id}/versions", { params: { path: { id }, query: { cursor } } }),
  );
}

/** The document of a published version. */
export async function getVersion(id: string, number: number): Promise<FlowDocument> {
  const version = await answer(
    api.GET("/api/v1/flows/{id}/versions/{number}", { params: { path: { id, number } } }),
  );
  return version.document as FlowDocument;
}

/** The newest run of a flow. */
export async function getLastRun(flow: string): Promise<{ id: string; status: RunStatus } | undefined> {
  const { results } = await answer(api.GET("/api/v1/runs", { params: { query: { flow, limit: 1 } } }));
  return results[0];
}
