// What happy-dom leaves out and the components ask for.
import "@testing-library/jest-dom/vitest";
import { afterEach, beforeEach, vi } from "vitest";
import { clearMocks } from "@tauri-apps/api/mocks";
import { cleanup, configure } from "@testing-library/svelte";

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 6000 });

beforeEach(() => {
  // happy-dom measures nothing: everything is 800 × 600, so that a virtual list draws its first rows.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(readonly hear: (entries: unknown[]) => void) {}
      observe(target: Element) {
        const contentRect = { width: 800, height: 600 };
        queueMicrotask(() => this.hear([{ target, contentRect }]));
      }
      unobserve() {}
      disconnect() {}
    },
  );
  Object.defineProperty(HTMLElement.prototype, "offsetParent", {
    configurable: true,
    get: () => document.body,
  });
  Element.prototype.animate ??= (() => ({ cancel() {}, finished: Promise.resolve() })) as never;
  Element.prototype.scrollIntoView ??= () => undefined;
});

afterEach(() => {
  cleanup();
  clearMocks();
  document.body.replaceChildren();
});
