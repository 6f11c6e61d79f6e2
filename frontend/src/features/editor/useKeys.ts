import { useEffect } from "react";
import { chordOf, commandFor } from "./keys";
import type { EditorSession } from "./session";

/** Shortcuts of the editor; they rest while a person types or a dialog is open. */
export function useKeys(session: EditorSession): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const { dialog, question } = session.store.getState();
      if (question) return;
      const target = event.target as Element | null;
      const command = commandFor(chordOf(event), isTyping(target));
      if (!command) return;
      if (dialog !== null || (command.id !== "save" && target?.closest("[role=dialog], [role=menu]"))) return;
      if (keepsOwnKey(event, target) || copiesText(command.id)) return;
      event.preventDefault();
      if (command.possible?.(session) ?? true) command.run(session);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [session]);
}

function isTyping(target: Element | null): boolean {
  if (!target) return false;
  if (target.closest("input, textarea, select, [contenteditable=true]")) return true;
  return target.closest("[role=slider], [role=radiogroup], [role=tablist], [role=listbox]") !== null;
}

/** Enter and Space press the button that has the focus; arrows move in what is no canvas. */
function keepsOwnKey(event: KeyboardEvent, target: Element | null): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  const button = target?.closest("button, a, summary");
  if (button && (event.key === "Enter" || event.key === " ")) return true;
  const elsewhere = target && target !== document.body && !target.closest(".react-flow");
  return Boolean(elsewhere && (event.key.startsWith("Arrow") || event.key === "Backspace"));
}

/** Ctrl+C with marked text copies the text. */
function copiesText(id: string): boolean {
  return (id === "copy" || id === "cut") && (window.getSelection()?.toString() ?? "") !== "";
}
