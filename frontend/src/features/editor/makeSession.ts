import type { ReactFlowInstance } from "@xyflow/react";
import type { RefObject } from "react";
import type { NavigateFunction } from "react-router";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { askForEdge, askForPlace, askForReplacement } from "./canvas/ask";
import { indexOf } from "./model/document";
import { hasChat, inputNodes } from "./model/entrance";
import type { EditorSession } from "./session";
import type { Autosave } from "./store/autosave";
import type { CanvasEdge, CanvasNode } from "./store/canvasElements";
import type { EditorStore } from "./store/editor";
import type { Running } from "./store/running";
import { nothingToRun } from "./store/starters";
import { typeInto } from "./typeAhead";

interface Parts {
  store: EditorStore;
  flow: ReactFlowInstance<CanvasNode, CanvasEdge>;
  autosave: Autosave;
  running: Running;
  navigate: NavigateFunction;
  pointer: RefObject<{ x: number; y: number } | null>;
}

export function makeSession({ store, flow, autosave, running, navigate, pointer }: Parts): EditorSession {
  const middle = () => {
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    return { x: (box?.left ?? 0) + (box?.width ?? 0) / 2, y: (box?.top ?? 0) + (box?.height ?? 0) / 3 };
  };
  const page = () => pointer.current ?? middle();
  return {
    store,
    flow,
    autosave,
    running,
    askToRun() {
      const document = store.getState().history.present;
      if (nothingToRun(document)) tell.done(t("There is nothing to run yet: add a node first."));
      else if (hasChat(document)) {
        store.setState({ side: "chat" });
        typeInto(messageField);
      } else if (inputNodes(document).length > 0) {
        if (store.getState().side === "form") void runForm();
        else store.setState({ side: "form" });
      } else void running.start({});
    },
    askToReplace() {
      const [id] = store.getState().selectedNodes;
      if (id !== undefined) askForReplacement(store, id, page());
    },
    askToAdd() {
      const at = page();
      askForPlace(store, at, flow.screenToFlowPosition(at));
    },
    askToInsert() {
      const { selectedNodes, history } = store.getState();
      const [id = ""] = selectedNodes;
      const wire = indexOf(history.present).outgoing.get(id)?.[0];
      if (wire) askForEdge(store, wire.key, page());
    },
    toggleSide() {
      const { side, history } = store.getState();
      const talk = hasChat(history.present) ? "chat" : "form";
      store.setState({ side: side === "chat" || side === "form" ? null : talk });
    },
    pointer: () => flow.screenToFlowPosition(page()),
    open: (path) => void navigate(path),
  };
}

/** Where a message is written: below all that was said, where other fields may stand. */
function messageField(): HTMLTextAreaElement | null {
  const fields = document.querySelectorAll<HTMLTextAreaElement>(
    "[data-side=chat] textarea:not([aria-hidden])",
  );
  return fields[fields.length - 1] ?? null;
}

/** The form of the inputs has its own button to run; the key presses it. */
async function runForm(): Promise<void> {
  document.querySelector<HTMLFormElement>("[data-side] form")?.requestSubmit();
}
