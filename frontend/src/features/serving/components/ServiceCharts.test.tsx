import { MantineProvider } from "@mantine/core";
import { render, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Language, setLanguage } from "@/shared/i18n";
import { ServiceCharts } from "./ServiceCharts";

/** A canvas of which only the words are kept. */
const drawn: string[] = [];

/** For a machine on which other tests run. */
const PATIENT = { timeout: 10_000 };

beforeEach(() => {
  drawn.length = 0;
  const canvas = new Proxy(
    {},
    {
      get: (_, name) => (name === "fillText" ? (text: string) => drawn.push(text) : () => ({ width: 0 })),
      set: () => true,
    },
  );
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(canvas as never);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(480);
  vi.stubGlobal(
    "Path2D",
    class {
      moveTo() {}
      lineTo() {}
      rect() {}
    },
  );
});

afterEach(() => setLanguage("en"));

test.each<Language>(["en", "zh"])("the times of a chart are of 24 hours in %s", async (language) => {
  await setLanguage(language);
  const start = new Date(2026, 10, 26, 14, 0).getTime() / 1000;
  const draw = (seconds: number) => {
    drawn.length = 0;
    const samples = [0, 1, 2, 3].map((n) => ({ at: start + (n * seconds) / 3, waiting: n }));
    return render(
      <MantineProvider env="test">
        <ServiceCharts samples={samples} />
      </MantineProvider>,
    );
  };
  const { unmount } = draw(1800);
  await waitFor(() => expect(drawn).toContain("14:10"), PATIENT);
  unmount();
  draw(60);
  await waitFor(() => expect(drawn).toContain("14:00:30"), PATIENT);
  expect(drawn.filter((text) => /[ap]m|[上下]午/i.test(text))).toEqual([]);
}, 30_000);
