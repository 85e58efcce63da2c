// Uploading in its named states: what is shown is true, everything goes by keyboard, and the axe check passes.
import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import App from "../App.svelte";
import { nav, type Screen } from "../shared/nav.svelte";
import { leave } from "../shared/shop.svelte";
import { complaints } from "./axe";
import { FakeDesk, type Scene } from "./desk";
import { behind } from "./install";

let desk: FakeDesk;
let user: ReturnType<typeof userEvent.setup>;

async function open(scene: Scene = {}, at: Screen = "sync"): Promise<void> {
  leave();
  desk = new FakeDesk({ extra: 20, ...scene });
  behind(desk);
  nav.go(at);
  user = userEvent.setup({ delay: 40 });
  render(App);
  await waitFor(() => expect(document.querySelector("h1")).not.toBeNull());
}

const asked = (command: string) =>
  desk.calls.filter((call) => call.command === command).map(({ args }) => args);
const stripe = () => screen.findByTestId("destination-stripe");
const factory = () => screen.findByTestId("destination-referral_factory");
const button = (name: string | RegExp, root: HTMLElement = document.body) =>
  within(root).getByRole("button", { name });

/** Only what is seen is drawn: the first line comes once the list has been measured. */
async function firstRow(): Promise<HTMLElement> {
  await waitFor(() => expect(document.querySelector('[data-row="0"]')).not.toBeNull());
  return document.querySelector<HTMLElement>('[data-row="0"]')!;
}

async function act(card: HTMLElement, name: string): Promise<void> {
  await user.click(within(card).getByRole("button", { name: /^More for/ }));
  await user.click(await screen.findByRole("menuitem", { name }));
}

describe("what is shown", () => {
  test.each<[string, Scene, string]>([
    ["nothing connected", { sync: "none" }, "4 kept here until then"],
    ["all uploaded", { sync: "done" }, "Nothing waits"],
    ["some wait", { sync: "waiting" }, "120 waiting since"],
    ["a person is needed", { sync: "person" }, "2 wait for your decision"],
    ["a key is refused", { sync: "refused" }, "Stripe does not accept the key any more"],
    ["on its way up", { sync: "running" }, "34 of 120"],
  ])("%s", async (_, scene, text) => {
    await open(scene);
    await screen.findByText(text, { exact: false });
    await waitFor(() => expect(screen.getByRole("heading", { name: "Sync" })).toHaveFocus());
    expect(await complaints()).toEqual([]);
  });

  test("while it goes up, the line says how long it still takes, but not in its first seconds", async () => {
    await open({ sync: "running" });
    // 34 took 34 seconds; 86 are left.
    const line = await screen.findByText(/34 of 120 · about 2 minutes left/);
    await firstRow();
    desk.clouds.running_since = new Date().toISOString();
    await waitFor(() => expect(line).toHaveTextContent(/^34 of 120$/));
  });

  test("what waits for a file is on the card as it is on the badge", async () => {
    await open({ sync: "file", connected: true, waiting: 3 }, "counter");
    const badge = await screen.findByTestId("sync-badge");
    await waitFor(() =>
      expect(badge).toHaveTextContent(/^3 not uploaded yet Waiting since .* in your files\.$/),
    );
    expect(badge).not.toHaveTextContent("by itself");
    expect(badge).not.toHaveClass("good");
    await user.click(badge);
    expect(await factory()).toHaveTextContent(/By file 3 waiting since/);
    await user.click(await screen.findByRole("button", { name: "No more files" }));
    await waitFor(async () => expect(await factory()).toHaveTextContent("Not connected"));
    expect(asked("disconnect")).toMatchObject([{ destination: "referral_factory", forget: false }]);
    expect(await stripe()).toHaveTextContent("Everything is uploaded");
    expect(await complaints()).toEqual([]);
  });

  test("in German, without a word of English left over", async () => {
    await open({ sync: "none", language: "de" });
    await screen.findByRole("heading", { name: "Abgleich" });
    await firstRow();
    expect((await stripe()).textContent).not.toMatch(/\b(the|and|there)\b/);
  });

  test("what needs a person stands first in the list, and beside the rail's place", async () => {
    await open({ sync: "person" });
    const first = await firstRow();
    expect(first).toHaveTextContent("Needs a person");
    expect(first).toHaveTextContent("JANET-SPRING");
    const rail = screen.getByRole("navigation");
    expect(within(rail).getByText("4 need a person")).toBeTruthy();
  });

  test("the legend says in words what the bar says in colours", async () => {
    await open({ sync: "person" });
    const legend = within(await factory()).getByRole("list");
    await firstRow();
    expect(legend).toHaveTextContent(/311 Uploaded 2 Parked 1 Conflict 1 Needs a person/);
  });

  test("a filter asks the desk for that state only", async () => {
    await open({ sync: "person" });
    await user.click(await screen.findByRole("radio", { name: /^Parked/ }));
    await waitFor(() => expect(screen.queryByText("JANET-SPRING")).toBeNull());
    expect(asked("entries").at(-1)).toMatchObject({ ask: { state: "parked", destination: null } });
    await user.selectOptions(screen.getByLabelText("Destination"), "Stripe");
    await screen.findByText("No entry is in this state.");
    expect(await complaints()).toEqual([]);
  });
});

test("the counter's badge says that a key is refused, and leads to what mends it", async () => {
  await open({ sync: "refused", connected: true, waiting: 120 }, "counter");
  const badge = await screen.findByTestId("sync-badge");
  await waitFor(() => expect(badge).toHaveTextContent(/^Connect Stripe again 120 not uploaded/));
  badge.focus();
  await user.keyboard("{Enter}");
  await user.click(await screen.findByText("Connect again"));
  expect(await screen.findByLabelText("Stripe key")).toBeTruthy();
});

describe("connecting", () => {
  test("a Stripe key is trimmed, marked as a test key, sent once and forgotten", async () => {
    await open();
    await user.click(await screen.findByTestId("connect-stripe"));
    const dialog = await screen.findByTestId("connect-dialog");
    const field = within(dialog).getByLabelText<HTMLInputElement>("Stripe key");
    expect([field.type, field.autocomplete]).toEqual(["password", "off"]);
    await user.click(field);
    await user.paste("  rk_test_51abc\n");
    await within(dialog).findByText(/Test key/);
    expect(await complaints()).toEqual([]);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByTestId("connect-dialog")).toBeNull());
    expect(asked("connect_stripe")).toEqual([{ key: "rk_test_51abc" }]);
    expect(await stripe()).toHaveTextContent("Test");
    expect(document.body.innerHTML).not.toContain("rk_test_51abc");
  });

  test("Stripe's page for a new key opens, and where nothing opens it that is said beside its address", async () => {
    await open();
    await user.click(await screen.findByTestId("connect-stripe"));
    const dialog = await screen.findByTestId("connect-dialog");
    await user.click(within(dialog).getByRole("button", { name: "Open the page" }));
    expect(asked("open_stripe_key_page")).toHaveLength(1);
    desk.failNext["open_stripe_key_page"] = {
      code: "nothing_opens",
      sentence: "This computer has no program that opens it.",
      who: "staff",
    };
    await user.click(within(dialog).getByRole("button", { name: "Open the page" }));
    await within(dialog).findByText(/no program that opens it/);
    expect(within(dialog).getByRole("button", { name: "Copy the address" })).toBeVisible();
    expect(await complaints()).toEqual([]);
  });

  test("a refused key is said in the dialog, and not kept in the field", async () => {
    await open();
    desk.failNext["connect_stripe"] = {
      code: "key_refused",
      sentence: "Stripe does not know this key. Nothing was kept or sent.",
      who: "manager",
    };
    await user.click(await screen.findByTestId("connect-stripe"));
    const field = await screen.findByLabelText<HTMLInputElement>("Stripe key");
    await user.click(field);
    await user.paste("rk_live_wrong");
    await user.keyboard("{Enter}");
    await screen.findByText(/does not know this key/);
    expect(field.value).toBe("");
    await waitFor(() => expect(field).toHaveFocus());
    expect(await complaints()).toEqual([]);
  });

  test("the address of the key page can be copied", async () => {
    await open();
    await user.click(await screen.findByTestId("connect-stripe"));
    await user.click(await screen.findByRole("button", { name: "Copy the address" }));
    expect(await navigator.clipboard.readText()).toContain("https://dashboard.stripe.com/apikeys/create");
  });

  test("what goes into the campaign's own fields is chosen, and what must be filled is said", async () => {
    await open({ sync: "done" });
    await act(await factory(), "Fields of the campaign");
    const dialog = await screen.findByTestId("fields-dialog");
    await within(dialog).findByText("Referral Factory takes no lead while this is empty: Order total.");
    const leads = within(within(dialog).getByRole("group", { name: "Leads" }));
    const referrers = within(within(dialog).getByRole("group", { name: "Referrers" }));
    expect(leads.getByLabelText("Phone")).toHaveValue("phone");
    await waitFor(() => expect(leads.getByLabelText("Phone")).toHaveFocus());
    expect(await complaints()).toEqual([]);
    await user.selectOptions(leads.getByLabelText(/^Order total/), "What was paid");
    expect(within(dialog).queryByText(/takes no/)).toBeNull();
    // Of referrers nothing is known of a sale.
    const phone = referrers.getByLabelText(/^Phone/);
    expect(
      within(phone)
        .getAllByRole("option")
        .map((option) => option.textContent),
    ).toEqual(["Nothing", "Phone number", "Name of this shop"]);
    await user.selectOptions(phone, "Nothing");
    await within(dialog).findByText("Referral Factory takes no referrer while this is empty: Phone.");
    await user.click(button("Keep", dialog));
    await waitFor(() => expect(screen.queryByTestId("fields-dialog")).toBeNull());
    expect(desk.clouds.fields.map((field) => field.value)).toEqual(["phone", "amount", null]);
  });

  test("without a keyring no key is asked for", async () => {
    await open({ keyring: false });
    await user.click(await screen.findByTestId("connect-stripe"));
    await screen.findByText(/no keyring that is unlocked/);
    expect(screen.queryByLabelText("Stripe key")).toBeNull();
    expect(await complaints()).toEqual([]);
  });

  test("Referral Factory: token, campaign, done, all by keyboard", async () => {
    await open();
    (await screen.findByTestId("connect-referral_factory")).focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByLabelText("Referral Factory token")).toHaveFocus());
    await user.paste(" token ");
    await user.keyboard("{Enter}");
    const running = await screen.findByRole("radio", { name: /Spring friends/ });
    await waitFor(() => expect(running).toHaveFocus());
    expect(running).toBeChecked();
    expect(await complaints()).toEqual([]);
    await user.keyboard("{ArrowDown}");
    button("Connect", screen.getByTestId("connect-dialog")).focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(asked("connect_referral_factory")).toHaveLength(1));
    expect(asked("connect_referral_factory")).toEqual([{ token: "token", campaign: "4712" }]);
    expect(await factory()).toHaveTextContent("Winter regulars");
  });
});

describe("what a person can do", () => {
  test("upload now, and stop it", async () => {
    await open({ sync: "waiting" });
    await user.click(await screen.findByTestId("upload-now"));
    const line = await screen.findByRole("region", { name: "Uploading…" });
    expect(screen.getByTestId("upload-now")).toBeDisabled();
    await user.click(button("Cancel", line));
    await waitFor(() => expect(screen.queryByRole("region", { name: "Uploading…" })).toBeNull());
    expect(asked("cancel_sync")).toHaveLength(1);
  });

  test("an entry's story; set aside, and back by the toast", async () => {
    await open({ sync: "person" });
    const row = await firstRow();
    row.focus();
    await user.keyboard("{Enter}");
    const dialog = await screen.findByTestId("story-dialog");
    await within(dialog).findByText("No answer");
    expect(dialog).toHaveTextContent("req_8fJ2kLmN0pQrSt");
    expect(await complaints()).toEqual([]);
    await user.click(button("Set aside", dialog));
    await user.click(await screen.findByText("Undo"));
    await waitFor(() => expect(asked("retry_entry")).toEqual([{ id: "320" }]));
    expect(asked("set_entry_aside")).toEqual([{ id: "320" }]);
  });

  test("what needs a person for the same reason is tried again at once", async () => {
    await open({ sync: "person" });
    await firstRow();
    expect(screen.queryByRole("button", { name: "Try all again" })).toBeNull();
    await user.click(screen.getByRole("radio", { name: /^Needs a person/ }));
    await user.click(await screen.findByRole("button", { name: "Try all again" }));
    await screen.findByText("2 entries are tried again");
    expect(asked("retry_all")).toEqual([{ destination: null }]);
    await waitFor(() => expect(screen.queryByRole("button", { name: "Try all again" })).toBeNull());
    expect(await complaints()).toEqual([]);
  });

  test("a decision by keyboard; the next question follows", async () => {
    await open({ sync: "person" });
    const conflicts = await screen.findByTestId("conflicts");
    expect(button("Decide", conflicts)).toBeDisabled();
    within(conflicts).getAllByRole("radio")[0]!.focus();
    await user.keyboard("{ArrowDown} ");
    await user.tab();
    await user.keyboard("{Enter}");
    await screen.findByText("1 waits for your decision");
    expect(asked("resolve_conflict")).toEqual([{ id: "k1", decision: "keep_out" }]);
    expect(screen.getByText("1 waits for your decision")).toHaveFocus();
    within(conflicts).getByText(/JANET-SPRING already/);
  });

  test("the connection is checked line by line", async () => {
    await open({ sync: "done" });
    await user.click(button("Check the connection", await stripe()));
    await screen.findByText(/lacks rak_event_read/);
    expect(screen.getByText("not yet")).toBeTruthy();
    expect(await complaints()).toEqual([]);
    await user.keyboard("{Escape}");
    await waitFor(async () => expect(button("Check the connection", await stripe())).toHaveFocus());
  });

  test("every code to Stripe, each new one or not", async () => {
    await open({ sync: "done" });
    await user.click(button("Send every code…", await stripe()));
    const each = await screen.findByRole("switch", { name: "Each new code too" });
    expect(each).toBeChecked();
    expect(await complaints()).toEqual([]);
    await user.click(each);
    await user.click(button("Send the codes"));
    await screen.findByText("214 codes are on their way to Stripe");
    expect(asked("send_codes")).toEqual([{ eachNew: false }]);
  });

  test("what was chosen there stays while sales and uploads ring the bell", async () => {
    await open({ sync: "done" });
    await user.click(button("Send every code…", await stripe()));
    const dialog = await screen.findByTestId("send-dialog");
    const each = within(dialog).getByRole("switch", { name: /^Each new code too/ });
    expect(each).toBeChecked();
    await user.click(each);
    desk.clouds.stripe.uploaded = 4321;
    desk.bell();
    await within(await stripe()).findByText(/4,321/);
    expect(each).not.toBeChecked();
    await user.click(button("Send the codes"));
    await screen.findByText("214 codes are on their way to Stripe");
    expect(asked("send_codes")).toEqual([{ eachNew: false }]);
  });

  test("every referrer to Referral Factory", async () => {
    await open({ sync: "done" });
    await user.click(button("Send every referrer…", await factory()));
    await user.click(await screen.findByText("Send the referrers"));
    await screen.findByText("388 people are on the way to Referral Factory");
  });

  test("disconnecting keeps what is known unless it is to be forgotten", async () => {
    await open({ sync: "done" });
    await act(await stripe(), "Disconnect…");
    const dialog = await screen.findByTestId("disconnect-dialog");
    expect(within(dialog).getByRole("radio", { name: /Keep what is known/ })).toBeChecked();
    expect(await complaints()).toEqual([]);
    await user.click(button("Disconnect", dialog));
    await screen.findByTestId("connect-stripe");
    expect(asked("disconnect")).toEqual([{ destination: "stripe", forget: false }]);
  });

  test("files instead of the API: saved, counted, and marked once they are up", async () => {
    await open({ sync: "done" });
    await act(await factory(), "Files instead…");
    await user.click(await screen.findByRole("button", { name: "Save the file: Leads" }));
    await screen.findByText(/^12 rows saved to/);
    expect(asked("write_referral_factory_file")).toMatchObject([{ kind: "leads" }]);
    expect(await complaints()).toEqual([]);
    await user.click(button("I have uploaded this file"));
    await screen.findByText("12 marked as uploaded");
    expect(asked("handed_over")).toEqual([{ kind: "leads" }]);
    await user.click(screen.getByRole("button", { name: "Save the file: Qualified leads" }));
    await screen.findByText(/^Nobody to hand over/);
  });

  test("a pending lead says what is missing before it counts", async () => {
    await open({}, "leads");
    await user.click(screen.getByRole("radio", { name: "Pending" }));
    await waitFor(() => expect(screen.queryByText("Leo Brandt")).toBeNull());
    await user.click(await screen.findByText("Why not qualified?"));
    const dialog = await screen.findByTestId("why-dialog");
    await within(dialog).findByText(/20.00 more and it does/);
    expect(asked("why_not_qualified")).toEqual([{ leadId: "l3" }]);
    expect(await complaints()).toEqual([]);
  });
});
