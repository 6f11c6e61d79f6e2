import { expect, test } from "vitest";
import { asShown } from "./log";

test("a bar of progress is shown as it stands, not as all that it was", () => {
  expect(asShown("Loads\r\n  0%|    |\r 50%|##  |\r100%|####|\nDone\n")).toBe("Loads\n100%|####|\nDone\n");
  expect(asShown(" 10%|# |\r 20%|##|\r")).toBe(" 20%|##|");
});
