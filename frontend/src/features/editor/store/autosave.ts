/** Saves the draft as it is changed: small patches, never over what somebody else saved. */
import { type ApiError, asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { type Draft, getDraft, patchDraft, putDraft, type Saved } from "../api";
import { settle } from "../model/geometry";
import { type Conflict, merge, renameNodes } from "../model/merge";
import { diff } from "../model/patch";
import type { FlowDocument } from "../model/types";
import { announceSaved } from "./announce";
import { dropKept, keepDraft } from "./device";
import type { EditorStore } from "./editor";

const IDLE = 800;
const LONGEST = 3_000;
const RETRIES = [2_000, 4_000, 8_000, 15_000];

export interface Autosave {
  /** Saves now what is not saved yet. */
  flush(): Promise<void>;
  /** Goes on from a draft that was fetched anew. */
  rebase(draft: Draft): void;
  /** Takes over what somebody else saved; asks where both changed the same. */
  meet(by?: string | null): Promise<void>;
  /** Joins what somebody else saved with what is here; of what both changed, takes one side. */
  join(draft: Draft, prefer: "mine" | "theirs"): void;
  /** What both changed since they parted. */
  conflicts(draft: Draft): Conflict[];
  revision(): number;
  /** Whether there is something that the server does not have. */
  pending(): boolean;
  /** Begins to watch; returns what ends it. */
  begin(): () => void;
}

/**
 * @param tellSaved Tells other browsers of a save; other tabs of this one hear it anyway.
 */
export function startAutosave(
  store: EditorStore,
  draft: Draft,
  tellSaved: (revision: number) => void = () => {},
): Autosave {
  const { flowId } = store.getState();
  const opened = store.getState().history.present;
  let base: { document: FlowDocument; revision: number } = draft;
  /** What the page holds at that revision: the draft, settled for drawing. */
  let known: FlowDocument = opened;
  let savedAt = draft.saved_at ? new Date(draft.saved_at) : null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  let failures = 0;
  let running: Promise<void> | null = null;
  let stopped = false;

  const present = () => store.getState().history.present;
  const pending = () => present() !== known;

  function schedule(wait: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), wait);
  }

  function changed(): void {
    const { save: state } = store.getState();
    if (!pending()) {
      // Undone to what the server has: there is nothing left to save.
      clearTimeout(timer);
      since = 0;
      if (state.is === "waiting" && !running) store.setState({ save: { is: "saved", at: savedAt } });
      return;
    }
    if (state.is === "stale") return;
    const now = Date.now();
    since ||= now;
    if (state.is === "saved") store.setState({ save: { is: "waiting" } });
    if (running) return;
    schedule(Math.max(0, Math.min(IDLE, since + LONGEST - now)));
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    running ??= save().finally(() => {
      running = null;
      if (!stopped && pending() && store.getState().save.is === "waiting") schedule(IDLE);
    });
    return running;
  }

  async function save(): Promise<void> {
    const { save: state } = store.getState();
    if (!pending() || state.is === "stale") return;
    const document = present();
    const patch = diff(base.document, document);
    since = 0;
    if (patch.length === 0) return settled(document, null);
    store.setState({ save: { is: "saving" } });
    try {
      settled(document, await written(document, patch));
    } catch (thrown) {
      await failed(asApiError(thrown));
    }
  }

  /** A patch that the server can't apply to what it stored is answered with the whole document. */
  async function written(document: FlowDocument, patch: ReturnType<typeof diff>): Promise<Saved> {
    try {
      return await patchDraft(flowId, base.revision, patch);
    } catch (thrown) {
      const { status } = asApiError(thrown);
      if (status !== 400 && status !== 409 && status !== 422) throw thrown;
      return await putDraft(flowId, base.revision, document);
    }
  }

  function settled(document: FlowDocument, saved: Saved | null): void {
    failures = 0;
    known = document;
    base = { document, revision: saved?.revision ?? base.revision };
    dropKept(flowId);
    if (saved) {
      announceSaved(flowId, saved.revision);
      tellSaved(saved.revision);
      if (present() === document) store.getState().setFindings(saved.findings);
    }
    if (saved) savedAt = new Date(saved.saved_at);
    store.setState({ save: pending() ? { is: "waiting" } : { is: "saved", at: savedAt } });
  }

  const theirs = (fresh: Draft) => settle(fresh.document, store.getState().catalogue);

  async function meet(by: string | null = null): Promise<void> {
    const fresh = await getDraft(flowId);
    if (fresh.revision <= base.revision) return;
    const parted = conflicts(fresh);
    if (parted.length === 0) {
      const own = pending();
      join(fresh, "mine");
      if (own) tell.done(t("This flow was changed elsewhere as well; you see both changes."));
      else tell.done(t("This flow was changed elsewhere; you see its newest state."));
      return;
    }
    keep();
    store.setState({ save: { is: "stale", by, at: fresh.saved_at }, dialog: "stale" });
  }

  function conflicts(fresh: Draft): Conflict[] {
    return merge(known, present(), theirs(fresh)).conflicts;
  }

  function join(fresh: Draft, prefer: "mine" | "theirs"): void {
    const parted = known;
    const other = theirs(fresh);
    const merged = merge(parted, present(), other, prefer);
    const rebased = (step: FlowDocument) =>
      merge(parted, renameNodes(step, merged.renamed), other, prefer).document;
    base = fresh;
    known = other;
    savedAt = fresh.saved_at ? new Date(fresh.saved_at) : null;
    since = 0;
    const nothing = diff(other, merged.document).length === 0;
    store.setState({ save: nothing ? { is: "saved", at: savedAt } : { is: "waiting" } });
    store.getState().adopt(nothing ? other : merged.document, fresh.findings, rebased, merged.renamed);
    if (!nothing) schedule(0);
  }

  async function failed(error: ApiError): Promise<void> {
    if (error.status === 412) {
      const { saved_by } = error.extra;
      try {
        await meet(typeof saved_by === "string" ? saved_by : null);
      } catch (thrown) {
        await failed(asApiError(thrown));
      }
    } else if (error.status === 0 || error.status >= 500) {
      keep();
      store.setState({ save: { is: "offline" } });
      schedule(RETRIES[Math.min(failures++, RETRIES.length - 1)] ?? LONGEST);
    } else {
      keep();
      store.setState({ save: { is: "refused", message: error.words } });
    }
  }

  const keep = () => keepDraft(flowId, { revision: base.revision, document: present(), base: base.document });

  /** The tab is going: what is left goes on its way without waiting for an answer. */
  function leave(): void {
    if (!pending() || store.getState().save.is === "stale") return;
    keep();
    const patch = diff(base.document, present());
    void patchDraft(flowId, base.revision, patch, true).then(
      () => dropKept(flowId),
      () => undefined, // The copy on this device is there for the next time.
    );
  }

  const online = () => void flush();

  return {
    flush,
    async meet(by) {
      await running;
      await meet(by);
    },
    join,
    conflicts,
    rebase(fresh) {
      base = fresh;
      known = present();
      savedAt = fresh.saved_at ? new Date(fresh.saved_at) : null;
      store.setState({ save: { is: "saved", at: savedAt } });
      dropKept(flowId);
    },
    revision: () => base.revision,
    pending,
    begin() {
      stopped = false;
      const unsubscribe = store.subscribe((state, before) => {
        if (state.history.present !== before.history.present) changed();
      });
      window.addEventListener("pagehide", leave);
      window.addEventListener("online", online);
      return () => {
        stopped = true;
        clearTimeout(timer);
        unsubscribe();
        window.removeEventListener("pagehide", leave);
        window.removeEventListener("online", online);
        if (pending() && store.getState().save.is !== "stale") void flush();
      };
    },
  };
}
