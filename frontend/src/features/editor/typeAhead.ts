/** Keys pressed while a panel is on its way belong to its field, not to the canvas. */
import { t } from "@/shared/i18n";

/** How long a panel may take, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Gives the field the focus. Until it is drawn a field out of sight has it, so that what is typed meanwhile,
 * by an input method too, is no shortcut and is not lost. Whoever clicks elsewhere has changed their mind.
 */
export function typeInto(find: () => HTMLTextAreaElement | null): void {
  const there = find();
  if (there) {
    there.focus();
    return;
  }
  const held = document.body.appendChild(document.createElement("textarea"));
  held.className = "visually-hidden";
  held.setAttribute("aria-label", t("Write a message"));
  let sends = false;
  let composes = false;
  held.addEventListener("compositionstart", () => {
    composes = true;
  });
  held.addEventListener("compositionend", () => {
    composes = false;
  });
  held.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.ctrlKey || event.metaKey)
      return;
    event.preventDefault();
    sends = true;
  });
  held.focus();
  const until = performance.now() + PATIENCE;

  const look = () => {
    const left = document.activeElement !== held;
    const field = left || composes ? null : find();
    if (field) {
      field.focus();
      write(field, held.value);
      if (sends) setTimeout(() => field.form?.requestSubmit());
    }
    if (field || left || performance.now() > until) held.remove();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Adds to a field as if it had been typed there: the page hears of it. */
function write(field: HTMLTextAreaElement, text: string): void {
  if (!text) return;
  const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value") ?? {};
  set?.call(field, field.value + text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
