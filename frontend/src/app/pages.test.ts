import { expect, test } from "vitest";
import { menu, pages } from "./pages";

test("every page says where it is and what it is called, without being loaded", () => {
  for (const page of pages)
    expect(page).toMatchObject({ path: expect.any(String), title: expect.any(String) });
  expect(new Set(pages.map((page) => page.path)).size).toBe(pages.length);
});

test("a page that is loaded has something to show, under the address it announced", async () => {
  for (const page of pages) {
    const module = await page.load();
    expect(module.default, page.path).toBeTypeOf("function");
    expect(module).toMatchObject({ path: page.path, title: page.title });
  }
}, 30_000);

test("the menu is in its order", () => {
  const orders = menu.map((page) => page.menu.order);
  expect(orders).toEqual([...new Set(orders)].sort((a, b) => a - b));
  expect(menu.at(-1)?.path).toBe("/settings");
});
