import { lazy, Suspense } from "react";
import { useEditor, useEditorStore } from "../store/context";
import type { Dialog } from "../store/editor";

const parts = {
  commands: lazy(() => import("./CommandPalette")),
  shortcuts: lazy(() => import("./Shortcuts")),
  publish: lazy(() => import("./Publish")),
  versions: lazy(() => import("./Versions")),
  stale: lazy(() => import("./Stale")),
  paste: lazy(() => import("./ClipText")),
  connect: lazy(() => import("./ConnectTo")),
} satisfies Record<NonNullable<Dialog>, unknown>;

/** The dialog that is open, fetched when it is first asked for. */
export function Dialogs() {
  const store = useEditorStore();
  const dialog = useEditor((state) => state.dialog);
  if (dialog === null) return null;
  const Part = parts[dialog];
  return (
    <Suspense fallback={null}>
      <Part close={() => store.setState({ dialog: null })} />
    </Suspense>
  );
}
