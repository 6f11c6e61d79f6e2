import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useReactFlow } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { t } from "@/shared/i18n";
import { type Draft, type FlowFacts, getDraft } from "./api";
import { Canvas } from "./canvas/Canvas";
import { KindMenu } from "./canvas/KindMenu";
import { Dialogs } from "./dialogs/Dialogs";
import styles from "./editor.module.css";
import { Inspector } from "./inspector/Inspector";
import { makeSession } from "./makeSession";
import { diff } from "./model/patch";
import type { Catalogue } from "./model/types";
import { Palette } from "./palette/Palette";
import { PaletteTab } from "./palette/PaletteTab";
import { SessionContext } from "./session";
import { SidePanel } from "./side/SidePanel";
import { hearSaved } from "./store/announce";
import { startAutosave } from "./store/autosave";
import type { CanvasEdge, CanvasNode } from "./store/canvasElements";
import { EditorContext, useEditor } from "./store/context";
import { dropKept, keptDraft } from "./store/device";
import { createEditor, type EditorStore } from "./store/editor";
import { openPanels, rememberPanels } from "./store/panels";
import { RunListener, useLastRun, useRunning } from "./store/running";
import { TopBar } from "./topbar/TopBar";
import { useKeys } from "./useKeys";

interface Props {
  flow: FlowFacts;
  draft: Draft;
  catalogue: Catalogue;
}

export function OpenEditor({ flow, draft, catalogue }: Props) {
  const [store] = useState(() =>
    openPanels(
      createEditor({
        flowId: flow.id,
        name: flow.name,
        catalogue,
        document: draft.document,
        findings: draft.findings,
        savedAt: draft.saved_at ? new Date(draft.saved_at) : null,
      }),
    ),
  );
  return (
    <EditorContext value={store}>
      <Room store={store} draft={draft} />
    </EditorContext>
  );
}

function Room({ store, draft }: { store: EditorStore; draft: Draft }) {
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const navigate = useNavigate();
  const running = useRunning();
  const autosave = useAutosave(store, draft);
  const pointer = useRef<{ x: number; y: number } | null>(null);
  const session = useMemo(
    () => makeSession({ store, flow, autosave, running, navigate, pointer }),
    [store, flow, autosave, running, navigate],
  );
  const palette = useEditor((state) => state.palette);
  const panels = useEditor((state) => state.inspected !== null && state.side !== null);
  // Two panels at the right leave too little of the canvas: the list of nodes makes way.
  const crowded = useMediaQuery("(max-width: 1680px)") && panels;
  useEffect(() => rememberPanels(store), [store]);
  useLastRun();
  useKeys(session);
  useOtherTabs(session);

  return (
    <SessionContext value={session}>
      <div className={styles.editor}>
        <TopBar />
        <div className={styles.room}>
          {palette && !crowded ? <Palette /> : <PaletteTab />}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: only remembers where a paste goes */}
          <div
            className={styles.middle}
            onMouseMove={(event) => {
              pointer.current = { x: event.clientX, y: event.clientY };
            }}
            onMouseLeave={() => {
              pointer.current = null;
            }}
          >
            <Canvas />
          </div>
          <Inspector />
          <SidePanel />
        </div>
        <RunListener />
        <KindMenu />
        <Dialogs />
        <Said />
      </div>
    </SessionContext>
  );
}

/** Tells a screen reader what was done. */
function Said() {
  const said = useEditor((state) => state.said);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {said}
    </div>
  );
}

function useAutosave(store: EditorStore, draft: Draft) {
  const [autosave] = useState(() => startAutosave(store, draft));
  useEffect(() => {
    const stop = autosave.begin();
    const { flowId } = store.getState();
    const kept = keptDraft(flowId);
    const saved = store.getState().history.present;
    if (kept === null) return stop;
    // What went off while the last page was closing has arrived after all.
    if (diff(saved, kept.document).length === 0) dropKept(flowId);
    else if (kept.revision === draft.revision) {
      store.getState().change(t("Restore unsaved changes"), () => kept.document);
      notifications.show({ message: t("Changes that were not saved last time are back.") });
    } else {
      store.getState().change(t("Restore unsaved changes"), () => kept.document);
      const { revision, saved_at: at } = draft;
      store.setState({ save: { is: "stale", revision, by: null, at }, dialog: "stale" });
    }
    return stop;
  }, [autosave, store, draft]);
  return autosave;
}

/** Another tab saved this draft: take it over where nothing is lost, else ask. */
function useOtherTabs({ store, autosave }: ReturnType<typeof makeSession>): void {
  useEffect(
    () =>
      hearSaved(store.getState().flowId, async (revision) => {
        if (revision <= autosave.revision()) return;
        if (autosave.pending()) {
          store.setState({ save: { is: "stale", revision, by: null, at: null }, dialog: "stale" });
          return;
        }
        const fresh = await getDraft(store.getState().flowId);
        if (autosave.pending()) return;
        store.getState().load(fresh.document, fresh.findings);
        autosave.rebase(fresh);
        notifications.show({ message: t("Another tab changed this flow; you see its newest state.") });
      }),
    [store, autosave],
  );
}
