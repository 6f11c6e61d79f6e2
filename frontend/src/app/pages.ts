/** The pages, found by their files: one file in `src/pages` is one page with its route and its place in the menu. */
import type { ComponentType } from "react";
import { tellPlaces } from "@/shared/lib/places";

interface Menu {
  /** Place from the top; below 100 at the top of the rail, from 100 on at its foot. */
  order: number;
  icon: string;
}

/** `page`: beside the rail, scrolls. `canvas`: beside the rail, fills the window. `bare`: alone, for anybody. */
type Layout = "page" | "canvas" | "bare";

export interface PageFacts {
  path: string;
  title: string;
  menu?: Menu;
  layout?: Layout;
}

interface PageModule {
  default: ComponentType;
}

const facts = import.meta.glob<PageFacts>("../pages/*.tsx", { query: "?facts", eager: true });
const modules = import.meta.glob<PageModule>("../pages/*.tsx");

export interface Page extends PageFacts {
  load: () => Promise<PageModule>;
}

export const pages: Page[] = Object.entries(facts).map(([file, fact]) => ({
  ...fact,
  load: modules[file] as () => Promise<PageModule>,
}));

export const menu = pages
  .filter((page): page is Page & { menu: Menu } => page.menu !== undefined)
  .sort((a, b) => a.menu.order - b.menu.order);

tellPlaces(menu.map(({ path, title, menu: { icon } }) => ({ path, title, icon })));
