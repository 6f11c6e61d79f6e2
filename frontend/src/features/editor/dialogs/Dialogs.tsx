import { notifications } from "@mantine/notifications";
import { Component, lazy, type ReactNode, Suspense } from "react";
import { t } from "@/shared/i18n";
import { useEditor, useEditorStore } from "../store/context";
import type { Dialog } from "../store/editor";
import ClipText from "./ClipText";
import Stale from "./Stale";

/** What is needed most when the server is out of reach comes with the page; the rest when it is asked for. */
const parts = {
  commands: lazy(() => import("./CommandPalette")),
  shortcuts: lazy(() => import("./Shortcuts")),
  publish: lazy(() => import("./Publish")),
  share: lazy(() => import("./Share")),
  versions: lazy(() => import("./Versions")),
  connect: lazy(() => import("./ConnectTo")),
  extract: lazy(() => import("./Extract")),
  stale: Stale,
  paste: ClipText,
} satisfies Record<NonNullable<Dialog>, unknown>;

export function Dialogs() {
  const store = useEditorStore();
  const dialog = useEditor((state) => state.dialog);
  if (dialog === null) return null;
  const Part = parts[dialog];
  const close = () => store.setState({ dialog: null });
  return (
    <Fetching key={dialog} failed={close}>
      <Suspense fallback={null}>
        <Part close={close} />
      </Suspense>
    </Fetching>
  );
}

/** A dialog that can't be fetched is no reason to lose the canvas. */
class Fetching extends Component<{ failed(): void; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidCatch() {
    notifications.show({
      color: "red",
      title: t("This part of the page could not be fetched."),
      message: t("Your work is safe. Try again when Flowloft answers, or reload the page."),
    });
    this.props.failed();
  }

  override render() {
    return this.state.broken ? null : this.props.children;
  }
}
