/** Keys as commands name them, and as they are printed on a keyboard. */
import { COMMANDS, type Command } from "./commands";

/** `mod+shift+z` for a key event. */
export function chordOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const shifted = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  return [event.ctrlKey || event.metaKey ? "mod" : "", event.altKey ? "alt" : "", shifted ? "shift" : "", key]
    .filter(Boolean)
    .join("+");
}

export function commandFor(chord: string, typing: boolean): Command | undefined {
  return COMMANDS.find((command) => command.keys?.includes(chord) && (!typing || command.whileTyping));
}

const MAC = typeof navigator !== "undefined" && /Mac|iP(hone|ad)/.test(navigator.userAgent);
const SIGNS: Record<string, string> = {
  mod: MAC ? "⌘" : "Ctrl",
  shift: MAC ? "⇧" : "Shift",
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
