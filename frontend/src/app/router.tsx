import { createBrowserRouter, type RouteObject } from "react-router";
import { Crash } from "./Crash";
import { type Page, pages } from "./pages";
import { Shell } from "./Shell";
import { SignedIn } from "./SignedIn";
import { Titled } from "./Titled";

function route(page: Page): RouteObject {
  return {
    path: page.path,
    lazy: async () => {
      const { default: Component } = await page.load();
      return {
        element: (
          <Titled title={page.title}>
            <Component />
          </Titled>
        ),
      };
    },
    ErrorBoundary: Crash,
    handle: page.layout ?? "page",
  };
}

export function createRouter() {
  const bare = pages.filter((page) => page.layout === "bare");
  const inside = pages.filter((page) => page.layout !== "bare");
  return createBrowserRouter([
    { ErrorBoundary: Crash, HydrateFallback: () => null, children: bare.map(route) },
    {
      element: (
        <SignedIn>
          <Shell />
        </SignedIn>
      ),
      ErrorBoundary: Crash,
      HydrateFallback: () => null,
      children: inside.map(route),
    },
  ]);
}
