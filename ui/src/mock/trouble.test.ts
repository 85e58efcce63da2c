// The shop's file can't be opened: each cause is said in both languages, with the ways back, by keyboard, and passes the axe check.
import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import App from "../App.svelte";
import { leave } from "../shared/shop.svelte";
import { nav } from "../shared/nav.svelte";
import { complaints } from "./axe";
import { FakeDesk, type Scene } from "./desk";
import { behind } from "./install";

let desk: FakeDesk;
let user: ReturnType<typeof userEvent.setup>;

async function open(scene: Scene): Promise<void> {
  leave();
  // Before a shop is open, its language is not known: the desktop's is spoken.
  vi.spyOn(navigator, "language", "get").mockReturnValue(scene.language ?? "en");
  desk = new FakeDesk({ extra: 20, opening: "trouble", ...scene });
  behind(desk);
  nav.go("counter");
  user = userEvent.setup({ delay: 40 });
  render(App);
  await screen.findByRole("alert");
}

afterEach(() => vi.restoreAllMocks());

const asked = (command: string) => desk.calls.filter((call) => call.command === command);

test.each<[NonNullable<Scene["wrong"]>, "en" | "de", RegExp, string, string]>([
  ["damaged", "en", /damaged\. Nothing was changed or overwritten/, "The shop can’t be opened", "Try again"],
  [
    "damaged",
    "de",
    /beschädigt\. Es wurde nichts geändert/,
    "Das Geschäft lässt sich nicht öffnen",
    "Noch einmal versuchen",
  ],
  ["read_only", "en", /can't be written\. Nothing was recorded/, "The shop can’t be opened", "Try again"],
  [
    "read_only",
    "de",
    /kann nicht geschrieben werden/,
    "Das Geschäft lässt sich nicht öffnen",
    "Noch einmal versuchen",
  ],
  ["newer", "en", /A newer Counterfoil/, "The shop can’t be opened", "Try again"],
  ["newer", "de", /Ein neueres Counterfoil/, "Das Geschäft lässt sich nicht öffnen", "Noch einmal versuchen"],
  ["disk_full", "en", /disk is full.*is safe/, "The shop can’t be opened", "Try again"],
  [
    "disk_full",
    "de",
    /Platte ist voll.*ist sicher/,
    "Das Geschäft lässt sich nicht öffnen",
    "Noch einmal versuchen",
  ],
])(
  "%s, in %s: what happened, what is safe, and once it is mended the shop opens",
  async (wrong, language, sentence, title, again) => {
    await open({ wrong, language });
    expect(screen.getByRole("alert")).toHaveTextContent(sentence);
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(title);
    expect(await complaints()).toEqual([]);
    desk.scene.opening = "ready";
    await user.tab();
    expect(screen.getByRole("button", { name: again })).toHaveFocus();
    await user.keyboard("{Enter}");
    await screen.findByTestId("code-field");
    expect(asked("opening")).toHaveLength(2);
    expect(asked("restore")).toHaveLength(0);
  },
);

test("a copy is gone back to only after a question", async () => {
  await open({ wrong: "newer" });
  await user.click(screen.getAllByRole("button", { name: /Restore…/ })[1]!);
  await screen.findByText(/set aside, not deleted/);
  expect(await complaints()).toEqual([]);
  expect(asked("restore")).toHaveLength(0);
  await user.click(await screen.findByTestId("ask-yes"));
  await screen.findByTestId("code-field");
  expect(asked("restore")[0]?.args).toEqual({ file: "/backups/counterfoil-1.db" });
});

test("without a copy the page says so, and a try that fails again says why", async () => {
  await open({ wrong: "disk_full", copies: 0 });
  expect(screen.getByText("There is no copy on this till yet.")).toBeVisible();
  expect(screen.queryByRole("button", { name: /Restore/ })).toBeNull();
  desk.failNext["opening"] = { code: "busy", sentence: "Another program is busy.", who: "staff" };
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() =>
    expect(screen.getAllByRole("alert").at(-1)).toHaveTextContent("Another program is busy."),
  );
  expect(await complaints()).toEqual([]);
});
