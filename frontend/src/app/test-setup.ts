import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

configure({ asyncUtilTimeout: 20_000 });
afterEach(cleanup);

// What the components ask of a browser and jsdom lacks.
const listeners = { addEventListener: () => {}, removeEventListener: () => {} };
Object.assign(window, {
  matchMedia: (media: string) => ({ matches: false, media, ...listeners }),
  ResizeObserver: class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
});
Object.assign(document, { fonts: listeners });
Object.assign(Element.prototype, { scrollIntoView: () => {}, scrollTo: () => {} });
