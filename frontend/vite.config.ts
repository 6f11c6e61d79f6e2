import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { kindIcons } from "./vite/kind-icons.ts";
import { pageFacts } from "./vite/page-facts.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const backend = process.env.FLOWLOFT_DEV_BACKEND ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/",
  plugins: [
    pageFacts(),
    react(),
    kindIcons([
      here("../runtime/flowloft/nodes"),
      here("../runtime/flowloft/templates"),
      here("./src/pages"),
    ]),
  ],
  resolve: { alias: { "@": here("./src") } },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: {
      "/api": { target: backend },
      "/ws": { target: backend, ws: true },
    },
  },
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1800, manifest: true },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.mjs"],
    setupFiles: ["src/app/test-setup.ts"],
    css: false,
    restoreMocks: true,
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
