// Every text of people, files and clouds is hostile, on every screen: it stays text, and the axe check still passes.
import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import App from "../App.svelte";
import CustomerScreen from "../customer/Screen.svelte";
import { sale } from "../counter/sale.svelte";
import { customer } from "../handout/customer.svelte";
import { work } from "../imports/import.svelte";
import { leadForm } from "../leads/lead_form.svelte";
import { list } from "../referrers/list.svelte";
import { handOut } from "../shared/hand_out.svelte";
import { nav, type Parcel, type Screen } from "../shared/nav.svelte";
import { leave } from "../shared/shop.svelte";
import { slips } from "../shared/slips.svelte";
import { toasts } from "../shared/toasts.svelte";
import { complaints } from "./axe";
import type { Scene } from "./desk";
import { foreign, hostile, HostileDesk } from "./hostile";
import { behind } from "./install";

// Pages of ten thousand letters a word take their time.
vi.setConfig({ testTimeout: 60_000 });

const gone = vi.fn();
let user: ReturnType<typeof userEvent.setup>;

async function open(scene: Scene = {}, at: Screen = "counter", parcel: Parcel | null = null): Promise<void> {
  leave();
  slips.forget();
  toasts.forget();
  behind(new HostileDesk({ extra: 2, ...scene }));
  await customer.hide();
  document.body.removeAttribute("style");
  sale.clear();
  leadForm.clear();
  leadForm.saved = null;
  work.again();
  Object.assign(list, { search: "", withoutCode: false, rows: [], loaded: false });
  handOut.open = handOut.many = false;
  handOut.who = null;
  nav.go(at, parcel);
  user = userEvent.setup({ delay: 40 });
  render(App);
  await waitFor(() => expect(document.querySelector("h1")).not.toBeNull());
}

/** The text is there, as text: nothing of it became an element, an attribute or a script, and everything can still be used. */
async function harmless(where: Element = document.body): Promise<void> {
  const said = () => [
    where.textContent,
    ...[...where.querySelectorAll("input, textarea")].map((it) => (it as HTMLInputElement).value),
  ];
  await waitFor(() => expect(said().some((text) => text?.includes("<x-foreign"))).toBe(true));
  expect(document.querySelectorAll(foreign)).toHaveLength(0);
  expect([...document.querySelectorAll("img")].filter((it) => it.getAttribute("src") === "x")).toEqual([]);
  expect(gone).not.toHaveBeenCalled();
  // A name that is written from right to left does so inside its own box.
  const names = [...where.querySelectorAll<HTMLElement>("strong.cut")];
  expect(names.filter((it) => it.dir !== "auto").map((it) => it.className)).toEqual([]);
  expect((await complaints(where)).map((one) => one.slice(0, 300))).toEqual([]);
}

/** As Enter does: happy-dom would keep a form back whose text is longer than a field takes, though nobody typed it. */
const send = (field: HTMLElement) => fireEvent.submit(field.closest("form")!);
const first = (id: string) => screen.findAllByTestId(id).then((found) => found[0]!);

beforeEach(() => {
  localStorage.clear();
  gone.mockClear();
  vi.stubGlobal("gone", gone);
  HTMLElement.prototype.hasPointerCapture ??= () => false;
});

test("it would be foreign if it were markup", () => {
  const page = document.createElement("div");
  page.innerHTML = hostile;
  expect(page.querySelectorAll(foreign).length).toBeGreaterThan(2);
});

test("counter: today, search, ticket, refusal, a manager’s yes", async () => {
  await open({ waiting: 3, connected: true, printer: "no_paper" });
  await harmless(await screen.findByTestId("today"));
  await user.keyboard("jan");
  await screen.findAllByRole("option");
  await harmless();
  await user.keyboard("{Enter}");
  await harmless(await screen.findByTestId("ticket"));
  await waitFor(() => expect(screen.getByTestId("order-field")).toHaveFocus());
  await user.keyboard("24.50{Tab}Leo{Tab}old@brandt.example");
  await screen.findByTestId("reasons");
  await harmless();
  await user.keyboard("{F5}");
  await screen.findByTestId("manager-dialog");
  await harmless();
});

test("counter: a sale's menu, undone and refunded", async () => {
  await open();
  await user.click(await first("foil-more"));
  await user.click(await screen.findByText("Undo…"));
  await harmless(await screen.findByTestId("undo-dialog"));
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByTestId("undo-dialog")).toBeNull());
  await user.click(await first("foil-more"));
  await user.click(await screen.findByText("Refund…"));
  await harmless(await screen.findByTestId("refund-dialog"));
});

test("counter: an unknown code with nearest ones, and a slip that waits", async () => {
  await open({ printer: "no_paper" });
  await harmless(await screen.findByTestId("slips-waiting"));
  await user.keyboard("k7mq4rt8");
  await harmless(await screen.findByTestId("ticket"));
});

test("phone lead: picked, saved, with its conflict", async () => {
  await open({}, "lead");
  await waitFor(() => expect(screen.getByTestId("lead-referrer")).toHaveFocus());
  await user.keyboard("jane");
  await screen.findAllByRole("option");
  await harmless();
  await user.keyboard("{ArrowDown}{Enter}");
  await waitFor(() => expect(screen.getByTestId("lead-name")).toHaveFocus());
  await user.keyboard("Ruth Kim{Tab}{Tab}noa@levi.example");
  await send(screen.getByTestId("lead-name"));
  await harmless(await screen.findByTestId("lead-saved"));
});

test("referrers and the palette", async () => {
  await open({}, "referrers");
  await waitFor(() => expect(document.querySelector('[data-row="0"]')).not.toBeNull());
  await harmless();
  await user.keyboard("{Control>}k{/Control}");
  await screen.findByTestId("palette");
  await user.keyboard("omar");
  await harmless(screen.getByTestId("palette"));
});

test("a person's page, edited, handed out, taken back", async () => {
  await open({}, "referrers", { person: "r0" });
  await screen.findByTestId("code-card");
  await harmless();
  for (const name of ["Edit", "Revoke…", "Note a handout…"]) {
    await user.click(screen.getByRole("button", { name }));
    await screen.findByRole("dialog");
    await harmless();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  }
});

test("leads, and why one does not count", async () => {
  await open({}, "leads");
  await waitFor(() => expect(screen.getAllByRole("listitem").length).toBeGreaterThan(1));
  await harmless();
  await user.click(screen.getByRole("radio", { name: "Pending" }));
  await user.click((await screen.findAllByText("Why not qualified?"))[0]!);
  await harmless(await screen.findByTestId("why-dialog"));
});

test("leads, and a call-back", async () => {
  await open({}, "leads");
  await user.click(screen.getByRole("radio", { name: "Call-backs" }));
  await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(1));
  await user.click(screen.getByTestId("call-back"));
  await harmless(await screen.findByTestId("call-back-dialog"));
});

test("handing out: the ways, an e-mail, the customer's page", async () => {
  await open({ mail: "ready" }, "referrers", { person: "r0" });
  await user.click(await screen.findByTestId("hand-out-open"));
  const dialog = await screen.findByTestId("hand-out-dialog");
  await waitFor(() => expect(within(dialog).getByTestId("way-screen")).toBeEnabled());
  await harmless(dialog);
  await user.click(within(dialog).getByTestId("way-mail"));
  await within(dialog).findByTestId("mail-send");
  await harmless(dialog);
});

test("the customer's page", async () => {
  await open({ second: true }, "referrers", { person: "r0" });
  await user.click(await screen.findByTestId("hand-out-open"));
  const dialog = await screen.findByTestId("hand-out-dialog");
  await waitFor(() => expect(within(dialog).getByTestId("way-screen")).toBeEnabled());
  await user.click(within(dialog).getByTestId("way-screen"));
  await screen.findByTestId("customer-there");
  document.body.replaceChildren();
  render(CustomerScreen);
  await screen.findByTestId("customer-page");
  await harmless();
});

test("e-mails to many, with what became of each", async () => {
  await open({ mail: "trouble" }, "referrers");
  await user.click(await screen.findByTestId("mail-many-open"));
  const dialog = await screen.findByTestId("mail-many");
  await harmless(dialog);
  await send(await within(dialog).findByTestId("mail-many-send"));
  await within(dialog).findByText("1 to look at");
  await harmless(dialog);
});

test("cards: whom for, what can't be drawn, batches, one batch", async () => {
  await open({ troubles: 2 }, "cards");
  await screen.findByTestId("troubles");
  await user.click(await screen.findByTestId("whom-these"));
  await user.type(screen.getByTestId("cards-people"), "jane d");
  await screen.findAllByRole("option");
  await harmless();
  await user.click(screen.getByRole("tab", { name: "Batches" }));
  await user.click(await screen.findByTestId("batch-12"));
  await screen.findByRole("heading", { name: "Batch 12" });
  await harmless();
});

test("import: columns, preview, report", async () => {
  await open({ stepMs: 1 }, "import");
  await user.click(await screen.findByTestId("import-type-path"));
  await user.type(await screen.findByTestId("import-path"), "/tmp/people.csv{Enter}");
  await screen.findByTestId("import-run");
  await harmless();
  await user.click(screen.getByTestId("import-run"));
  await harmless(await screen.findByTestId("import-report", {}, { timeout: 15_000 }));
});

test("sync: destinations, conflicts, entries, a story, lines of a check", async () => {
  await open({ sync: "person" }, "sync");
  await waitFor(() => expect(document.querySelector('[data-row="0"]')).not.toBeNull());
  await harmless();
  document.querySelector<HTMLElement>('[data-row="0"]')!.focus();
  await user.keyboard("{Enter}");
  await harmless(await screen.findByTestId("story-dialog"));
  await user.keyboard("{Escape}");
  await user.click(
    within(await screen.findByTestId("destination-stripe")).getByRole("button", {
      name: "Check the connection",
    }),
  );
  await harmless(await screen.findByRole("dialog"));
});

test("sync: a refused key, and the campaign's own fields", async () => {
  await open({ sync: "refused" }, "sync");
  await harmless();
  const factory = await screen.findByTestId("destination-referral_factory");
  await user.click(within(factory).getByRole("button", { name: /^More for/ }));
  await user.click(await screen.findByRole("menuitem", { name: "Fields of the campaign" }));
  await harmless(await screen.findByTestId("fields-dialog"));
});

test("settings: shop, printer, mail, texts, records", async () => {
  await open({ mail: "ready", printer: "good" }, "settings");
  await screen.findByTestId("message-texts");
  await harmless();
});

test("trouble at the start", async () => {
  await open({ opening: "trouble" });
  await harmless();
});
