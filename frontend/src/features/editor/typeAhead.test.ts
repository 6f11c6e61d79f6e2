import { afterEach, expect, test, vi } from "vitest";
import { typeInto } from "./typeAhead";

afterEach(() => document.body.replaceChildren());

const find = () => document.querySelector<HTMLTextAreaElement>("form textarea");
const held = () => document.activeElement as HTMLTextAreaElement;

/** Draws the field for which was waited. */
function draw(): { field: HTMLTextAreaElement; sent: () => string | undefined } {
  const form = document.body.appendChild(document.createElement("form"));
  const field = form.appendChild(document.createElement("textarea"));
  field.value = "Kept: ";
  let sent: string | undefined;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sent = field.value;
  });
  return { field, sent: () => sent };
}

test("what is typed before the chat is drawn arrives in it, and Enter sends it", async () => {
  typeInto(find);
  expect(held().tagName).toBe("TEXTAREA");
  held().value = "Hello";
  held().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
  const { field, sent } = draw();
  await vi.waitFor(() => expect(document.activeElement).toBe(field));
  expect(field.value).toBe("Kept: Hello");
  await vi.waitFor(() => expect(sent()).toBe("Kept: Hello"));
  expect(document.querySelectorAll("textarea")).toHaveLength(1);
});

test("who clicks elsewhere meanwhile is left there", async () => {
  typeInto(find);
  const elsewhere = document.body.appendChild(document.createElement("input"));
  elsewhere.focus();
  draw();
  await vi.waitFor(() => expect(document.querySelectorAll("textarea")).toHaveLength(1));
  expect(document.activeElement).toBe(elsewhere);
});
