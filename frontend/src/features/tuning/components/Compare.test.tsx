import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Tune } from "../api/tuning";
import { Compare } from "./Compare";

const MODELS = ["tiny-faq/tiny-faq-weights", "near/faq-lora", "near/tiny"].map((ref) => ({
  ref,
  model: ref.split("/")[1],
  job: "chat",
}));

function shown(tune: Partial<Tune>) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(["models"], MODELS);
  render(
    <QueryClientProvider client={client}>
      <MantineProvider env="test">
        <Compare tune={{ base: "tiny", plan: {}, online: false, served: [], ...tune } as Tune} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return (label: string) => screen.getByLabelText<HTMLInputElement>(label, { selector: "input" }).value;
}

test("a page opened anew has the model that was served on the one side and its base on the other", () => {
  const side = shown({ served: ["near/faq-lora", "tiny-faq/tiny-faq-weights"] });
  expect([side("Base model"), side("Tuned model")]).toEqual(["near/tiny", "near/faq-lora"]);
});

test("one that is served nowhere has its base alone", () => {
  const side = shown({});
  expect([side("Base model"), side("Tuned model")]).toEqual(["near/tiny", ""]);
});
