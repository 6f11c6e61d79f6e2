/** Files on their way up: a few at a time, in pieces, on from where the line broke. */
import { create } from "zustand";
import { type ApiError, answer, api, asApiError, type Schemas } from "@/shared/api";
import { sendBytes } from "./bytes";

export interface Sending {
  key: number;
  knowledge: string;
  name: string;
  size: number;
  sent: number;
  state: "waiting" | "sending" | "done" | "known" | "failed";
  error: ApiError | null;
  file: File;
}

const AT_ONCE = 3;
const TRIES = 4;

interface Queue {
  files: Sending[];
}

export const useUploads = create<Queue>(() => ({ files: [] }));
let next = 1;
let running = 0;

const set = (key: number, part: Partial<Sending>) =>
  useUploads.setState(({ files }) => ({
    files: files.map((one) => (one.key === key ? { ...one, ...part } : one)),
  }));

/** Adds files; `name` holds the folder where one was dropped. */
export function send(knowledge: string, files: { name: string; file: File }[]): void {
  const added = files.map(({ name, file }) => ({
    key: next++,
    knowledge,
    name,
    size: file.size,
    sent: 0,
    state: "waiting" as const,
    error: null,
    file,
  }));
  useUploads.setState((known) => ({ files: [...known.files, ...added] }));
  pump();
}

export function sendAgain(key: number): void {
  set(key, { state: "waiting", error: null });
  pump();
}

/** Forgets what has arrived; with `all`, what failed too. */
export function clearUploads(knowledge: string, all: boolean): void {
  useUploads.setState(({ files }) => ({
    files: files.filter((one) => {
      const over = one.state === "done" || one.state === "known" || (all && one.state === "failed");
      return one.knowledge !== knowledge || !over;
    }),
  }));
}

function pump(): void {
  while (running < AT_ONCE) {
    const one = useUploads.getState().files.find((file) => file.state === "waiting");
    if (!one) return;
    running += 1;
    set(one.key, { state: "sending" });
    carry(one)
      .then((isNew) => set(one.key, { state: isNew ? "done" : "known", sent: one.size }))
      .catch((thrown) => set(one.key, { state: "failed", error: asApiError(thrown) }))
      .finally(() => {
        running -= 1;
        pump();
      });
  }
}

async function carry(one: Sending): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await carryOnce(one);
    } catch (thrown) {
      const error = asApiError(thrown);
      const worth = error.status === 0 || error.status === 409 || error.status >= 502;
      if (!worth || error.status === 507 || attempt >= TRIES) throw error;
      await new Promise((done) => setTimeout(done, 500 * 2 ** attempt));
    }
  }
}

async function carryOnce(one: Sending): Promise<boolean> {
  const begun = await answer(
    api.POST("/api/v1/knowledge/{id}/uploads", {
      params: { path: { id: one.knowledge } },
      body: { name: one.name, size: one.size, media_type: one.file.type },
    }),
  );
  let offset = begun.received ?? 0;
  for (;;) {
    const piece = one.file.slice(offset, offset + begun.part);
    const path = `/api/v1/uploads/${begun.id}?offset=${offset}`;
    const told = (await sendBytes("PUT", path, piece)) as Schemas["Received"];
    offset = told.received;
    set(one.key, { sent: offset });
    if (told.document) return told.new;
  }
}

/** The files of a drop, those of dropped folders too, with their folders in the name. */
export async function filesOf(items: DataTransferItemList): Promise<{ name: string; file: File }[]> {
  // Both have to be asked for at once: after the first wait the drop is empty.
  const dropped = [...items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: { name: string; file: File }[] = [];
  for (const { entry, file } of dropped) {
    if (entry) await walk(entry, found);
    else if (file) found.push({ name: file.name, file });
  }
  return found;
}

async function walk(entry: FileSystemEntry, found: { name: string; file: File }[]): Promise<void> {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    found.push({ name: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (!batch.length) return;
    for (const inner of batch) await walk(inner, found);
  }
}
