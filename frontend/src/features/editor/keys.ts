/** Keys as commands name them, and as they are printed on a keyboard. */
import { COMMANDS, type Command } from "./commands";
import { useBindings } from "./store/bindings";

/** `mod+shift+z` for a key event. */
export function chordOf(event: KeyboardEvent): string {
  // With Alt some keyboards write another letter (å for Alt+A): the key itself is meant.
  const plain = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3) : event.key;
  const key = plain.toLowerCase();
  const shifted = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  return [event.ctrlKey || event.metaKey ? "mod" : "", event.altKey ? "alt" : "", shifted ? "shift" : "", key]
    .filter(Boolean)
    .join("+");
}

/** The keys of a command: those a person chose, else those it came with. */
export function keysOf(command: Command): string[] {
  return useBindings.getState().chosen[command.id] ?? command.keys ?? [];
}

export function commandFor(chord: string, typing: boolean): Command | undefined {
  return COMMANDS.find((command) => keysOf(command).includes(chord) && (!typing || command.whileTyping));
}

/** The other command that a chord runs already. */
export function takenBy(chord: string, except: string): Command | undefined {
  return COMMANDS.find((command) => command.id !== except && keysOf(command).includes(chord));
}

/** A chord that the keyboard events of single modifiers are no part of. */
export function isWhole(event: KeyboardEvent): boolean {
  return !["Control", "Shift", "Alt", "Meta", "AltGraph", "Dead", "Process"].includes(event.key);
}

const MAC = typeof navigator !== "undefined" && /Mac|iP(hone|ad)/.test(navigator.userAgent);
const SIGNS: Record<string, string> = {
  mod: MAC ? "⌘" : "Ctrl",
  shift: MAC ? "⇧" : "Shift",
  alt: MAC ? "⌥" : "Alt",
  " ": "Space",
  enter: "Enter",
  escape: "Esc",
  delete: "Del",
  backspace: "⌫",
  arrowleft: "←",
  arrowright: "→",
  arrowup: "↑",
  arrowdown: "↓",
};

/** The keys of a chord as they are printed on a keyboard. */
export function keySigns(chord: string): string[] {
  return chord.split("+").map((key) => SIGNS[key] ?? key.toUpperCase());
}
