import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The mock build carries the window's own policy, so that a library which needs more is caught in a plain browser.
const policy =
  "default-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src ipc: http://ipc.localhost";

const strictPolicy: Plugin = {
  name: "strict-policy-in-mock-build",
  apply: (_, { command, mode }) => command === "build" && mode === "mock",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: policy },
      injectTo: "head-prepend",
    },
  ],
};

// bits-ui wraps list items in a static inline style, which `style-src 'self'` blocks: give them a class of ours instead.
const noInlineStyle: Plugin = {
  name: "no-inline-style",
  enforce: "pre",
  transform(code, id) {
    if (!/bits-ui.*\.svelte$/.test(id) || !code.includes('style="display: contents;"')) return null;
    return code.replaceAll('style="display: contents;"', 'class="contents"');
  },
};

export default defineConfig(({ mode }) => ({
  plugins: [noInlineStyle, svelte(), strictPolicy],
  clearScreen: false,
  // 1420 is the port that tauri.conf.json names; another one would show a blank window.
  server: {
    port: 1420,
    strictPort: true,
    fs: { allow: [".."] },
    watch: { ignored: ["**/src-tauri/**", "**/target/**"] },
  },
  preview: { port: 1421, strictPort: true },
  build: {
    target: "safari16",
    chunkSizeWarningLimit: 900,
    assetsInlineLimit: 0,
    // The page that is turned towards the customer is a page of its own.
    rollupOptions: { input: ["index.html", "customer.html"] },
  },
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  test: {
    environment: "happy-dom",
    css: true,
    include: ["src/**/*.test.ts"],
    setupFiles: ["src/mock/test_setup.ts"],
    testTimeout: 20_000,
    // On two cores it would leave one of them idle.
    maxWorkers: "100%",
  },
}));
