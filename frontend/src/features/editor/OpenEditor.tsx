import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useReactFlow } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { t } from "@/shared/i18n";
import type { Draft, FlowFacts } from "./api";
import { Canvas } from "./canvas/Canvas";
import { KindMenu } from "./canvas/KindMenu";
import { Dialogs } from "./dialogs/Dialogs";
import styles from "./editor.module.css";
import { Inspector } from "./inspector/Inspector";
import { makeSession } from "./makeSession";
import { settle } from "./model/geometry";
import { merge } from "./model/merge";
import { diff } from "./model/patch";
import type { Catalogue } from "./model/types";
import { Palette } from "./palette/Palette";
import { PaletteTab } from "./palette/PaletteTab";
import { SessionContext } from "./session";
import { SidePanel } from "./side/SidePanel";
import { Waiting } from "./side/Waiting";
import { hearSaved } from "./store/announce";
import { startAutosave } from "./store/autosave";
import type { CanvasEdge, CanvasNode } from "./store/canvasElements";
import { EditorContext, useEditor } from "./store/context";
import { dropKept, keptDraft } from "./store/device";
import { createEditor, type EditorStore } from "./store/editor";
import { openPanels, rememberPanels } from "./store/panels";
import { startPresence } from "./store/presence";
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
            <Waiting />
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
  const [presence] = useState(() => startPresence(store));
  const [autosave] = useState(() => startAutosave(store, draft, presence.saved));
  useEffect(
    () =>
      presence.begin((revision, name) => {
        if (revision > autosave.revision()) autosave.meet(name).catch(() => undefined);
      }),
    [presence, autosave],
  );
  useEffect(() => {
    const stop = autosave.begin();
    const { flowId } = store.getState();
    const kept = keptDraft(flowId);
    const saved = store.getState().history.present;
    if (kept === null) return stop;
    // What went off while the last page was closing has arrived after all.
    if (diff(saved, kept.document).length === 0) dropKept(flowId);
    else {
      const { catalogue } = store.getState();
      const base = kept.revision === draft.revision ? saved : kept.base && settle(kept.base, catalogue);
      const merged = base && merge(base, kept.document, saved);
      const document = merged?.document ?? kept.document;
      store.getState().change(t("Restore unsaved changes"), () => document);
      if (merged?.conflicts.length === 0) {
        notifications.show({ message: t("Changes that were not saved last time are back.") });
      } else store.setState({ save: { is: "stale", by: null, at: draft.saved_at }, dialog: "stale" });
    }
    return stop;
  }, [autosave, store, draft]);
  return autosave;
}

/** Another tab of this browser saved this draft. */
function useOtherTabs({ store, autosave }: ReturnType<typeof makeSession>): void {
  useEffect(
    () =>
      hearSaved(store.getState().flowId, (revision) => {
        // A page that can't fetch it now hears of it when it saves next.
        if (revision > autosave.revision()) autosave.meet().catch(() => undefined);
      }),
    [store, autosave],
  );
}
