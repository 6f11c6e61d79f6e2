import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider, useMutation } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { Rename } from "./Rename";

const user = userEvent.setup({ delay: null });

function Named() {
  const [asked, ask] = useState(false);
  const mutation = useMutation({
    mutationFn: async (name: string) => {
      if (name === "taken") throw new Error("There is one of that name.");
    },
  });
  return (
    <>
      <button type="button" onClick={() => ask(true)}>
        open
      </button>
      <Rename
        of={asked ? "first" : null}
        label="Name"
        save={(name, done) => mutation.mutate(name, { onSuccess: done })}
        mutation={mutation}
        close={() => ask(false)}
      />
    </>
  );
}

test("what was refused is said, and forgotten when the dialog is opened anew", async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <Named />
      </MantineProvider>
    </QueryClientProvider>,
  );
  await user.click(screen.getByRole("button", { name: "open" }));
  const field = await screen.findByLabelText("Name");
  await user.clear(field);
  await user.type(field, "taken{Enter}");
  expect(await screen.findByRole("alert")).toBeTruthy();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "open" }));
  expect(await screen.findByLabelText<HTMLInputElement>("Name")).toHaveProperty("value", "first");
  expect(screen.queryByRole("alert")).toBeNull();
});
