import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import type { ChatFile } from "../api/chat";
import { Composer } from "./Composer";

// Without waiting between the keys: a busy machine would make it seconds.
const user = userEvent.setup({ delay: null });
const send = vi.fn<(text: string, files: ChatFile[]) => Promise<boolean>>();

function show(part: Partial<Parameters<typeof Composer>[0]> = {}) {
  const field = createRef<HTMLTextAreaElement>();
  render(
    <MantineProvider>
      <Composer
        draftKey="k"
        busy={false}
        stopping={false}
        takes="none"
        field={field}
        send={send}
        stop={() => {}}
        {...part}
      />
    </MantineProvider>,
  );
  return screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
}

beforeEach(() => {
  sessionStorage.clear();
  send.mockReset().mockResolvedValue(true);
});

test("Enter sends, Shift+Enter is a new line", async () => {
  const field = show();
  await user.type(field, "one{Shift>}{Enter}{/Shift}two{Enter}");
  expect(send).toHaveBeenCalledExactlyOnceWith("one\ntwo", []);
  expect(field.value).toBe("");
});

test("the Enter that ends a composition of an input method sends nothing", () => {
  const field = show();
  fireEvent.change(field, { target: { value: "你好" } });
  fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  expect(send).not.toHaveBeenCalled();
  fireEvent.keyDown(field, { key: "Enter" });
  expect(send).toHaveBeenCalledExactlyOnceWith("你好", []);
});

test("what was not sent is back in the field, and outlives a reload", async () => {
  send.mockResolvedValue(false);
  const field = show();
  await user.type(field, "lost?{Enter}");
  expect(field.value).toBe("lost?");
  expect(sessionStorage.getItem("flowloft.chat.words.k")).toBe("lost?");
});

test("while an answer is under way Enter keeps the words, and Stop is there", async () => {
  const stop = vi.fn();
  const field = show({ busy: true, stop });
  await user.type(field, "next{Enter}");
  expect(send).not.toHaveBeenCalled();
  expect(field.value).toBe("next");
  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(stop).toHaveBeenCalledOnce();
});
