import { fireEvent, render, screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { speak } from "../i18n/index.svelte";
import Toasts from "./Toasts.svelte";
import { toasts } from "./toasts.svelte";

beforeEach(() => {
  vi.useFakeTimers();
  speak("en");
  toasts.forget();
  render(Toasts);
});
afterEach(() => {
  vi.useRealTimers();
});

const shown = () => [...document.querySelectorAll(".toast .text")].map((one) => one.textContent);
async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  await tick();
}

describe("words about what just happened", () => {
  test("one at a time, the newest", async () => {
    toasts.say("One");
    toasts.say("Two", "plain");
    await tick();
    expect(shown()).toEqual(["Two"]);
    await pass(6);
    expect(shown()).toEqual([]);
  });

  test("what can be undone is offered again when the newer word has gone", async () => {
    const run = vi.fn();
    toasts.say("Batch 1 is lost", "good", { label: "Undo", run });
    toasts.say("Saved");
    await tick();
    expect(shown()).toEqual(["Saved"]);
    await pass(5);
    expect(shown()).toEqual(["Batch 1 is lost"]);
    await fireEvent.click(screen.getByTestId("toast-action"));
    expect(run).toHaveBeenCalledOnce();
    expect(shown()).toEqual([]);
  });

  test("nothing goes away under the hand that reaches for it", async () => {
    toasts.say("Batch 1 is lost", "good", { label: "Undo", run: () => undefined });
    await tick();
    screen.getByTestId("toast-action").focus();
    await pass(30);
    expect(shown()).toEqual(["Batch 1 is lost"]);
    screen.getByTestId("toast-action").blur();
    await pass(1);
    expect(shown()).toEqual([]);
  });
});
