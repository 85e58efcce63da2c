// The other screens in their named states: each shows what it should, works by keyboard, and passes the axe check.
import { fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import App from "../App.svelte";
import { leadForm } from "../leads/lead_form.svelte";
import { list } from "../referrers/list.svelte";
import { sale } from "../counter/sale.svelte";
import { work } from "../imports/import.svelte";
import { nav, type Parcel, type Screen } from "../shared/nav.svelte";
import { leave } from "../shared/shop.svelte";
import { complaints } from "./axe";
import { FakeDesk, type Scene } from "./desk";
import { behind } from "./install";

let desk: FakeDesk;
let user: ReturnType<typeof userEvent.setup>;

async function open(scene: Scene = {}, at: Screen = "counter", parcel: Parcel | null = null): Promise<void> {
  leave();
  desk = new FakeDesk({ extra: 20, ...scene });
  behind(desk);
  sale.clear();
  leadForm.clear();
  leadForm.saved = null;
  work.again();
  Object.assign(list, { search: "", withoutCode: false, rows: [], loaded: false });
  nav.go(at, parcel);
  // Slower than a scanner: quicker keys that end with Enter would be taken for a scan.
  user = userEvent.setup({ delay: 40 });
  render(App);
  await waitFor(() => expect(document.querySelector("h1")).not.toBeNull());
}

describe("the first page", () => {
  test("opens a shop from one page", async () => {
    await open({ opening: "first_run" });
    const name = await screen.findByTestId<HTMLInputElement>("shop-name");
    await waitFor(() => expect(name).toHaveFocus());
    expect(await complaints()).toEqual([]);
    expect(
      screen.getByText("10 % off this order", { normalizer: (text) => text.replace(/(\d)\s*%/, "$1 %") }),
    ).toBeTruthy();
    await user.keyboard("Harbour Street{Enter}");
    await screen.findByTestId("code-field");
    const ask = desk.calls.find(({ command }) => command === "open_shop")?.args["ask"];
    expect(ask).toMatchObject({
      name: "Harbour Street",
      currency: "EUR",
      coupon: { percent: 1000, amount: null, duration: "once" },
      rules: { first_time_only: true, redemptions_max: null, order_min: null },
    });
  });

  test("without a name nothing is opened, and the field says so", async () => {
    await open({ opening: "first_run" });
    await user.click(await screen.findByTestId("open-shop"));
    await screen.findByText(/Give the shop a name/);
    expect(desk.calls.some(({ command }) => command === "open_shop")).toBe(false);
    expect(await complaints()).toEqual([]);
  });

  test("speaks German at a press, everywhere on the page", async () => {
    await open({ opening: "first_run" });
    await user.click(await screen.findByTestId("language-de"));
    await screen.findByText("Geschäft einrichten");
    expect(document.documentElement.lang).toBe("de");
  });

  test("practice mode is marked on every screen", async () => {
    await open({ opening: "first_run" });
    await user.click(await screen.findByTestId("practice"));
    await screen.findByText(/Practice mode\. Made-up people/);
    await screen.findByTestId("code-field");
    expect(await complaints()).toEqual([]);
    nav.go("leads");
    await screen.findByText(/Practice mode\. Made-up people/);
  });
});

describe("phone lead", () => {
  test("one screen, one Enter, and the form is empty again", async () => {
    await open({}, "lead");
    const picker = await screen.findByTestId<HTMLInputElement>("lead-referrer");
    await waitFor(() => expect(picker).toHaveFocus());
    await user.keyboard("jane");
    await screen.findByText("Jane Doyle");
    await user.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(screen.getByTestId("lead-name")).toHaveFocus());
    expect(await complaints()).toEqual([]);
    await user.keyboard("Ruth Kim{Tab}020 7946 0199{Tab}noa@levi.example{Enter}");
    const saved = await screen.findByTestId("lead-saved");
    expect(saved).toHaveTextContent("Ruth Kim");
    expect(saved).toHaveTextContent("noa@levi.example · 020 7946 0199");
    expect(saved).toHaveTextContent(/first recommended by Omar/);
    expect(screen.getByTestId<HTMLInputElement>("lead-name").value).toBe("");
    expect(screen.getByTestId<HTMLInputElement>("lead-referrer").value).toBe("");
    expect(await complaints()).toEqual([]);
  });

  test("one contact is enough, and half of one is named where it stands", async () => {
    await open({}, "lead", {
      lead: { referrer: { id: "r0", name: "Jane Doyle" }, name: "Leo", contact: "" },
    });
    const save = await screen.findByTestId("lead-save");
    const [phone, email] = [screen.getByTestId("lead-phone"), screen.getByTestId("lead-email")];
    await user.click(save);
    expect(phone).toHaveFocus();
    await user.keyboard("030");
    await user.click(save);
    expect(phone).toHaveAccessibleDescription(/Not a whole/);
    await user.clear(phone);
    await user.type(email, "leo@");
    await user.click(save);
    expect(email).toHaveFocus();
    expect(email).toHaveAccessibleDescription(/Not a whole/);
    expect(await complaints()).toEqual([]);
    await user.keyboard("brandt.example{Enter}");
    await screen.findByTestId("lead-saved");
    expect(desk.leads[0]).toMatchObject({ name: "Leo", email: "leo@brandt.example", phone: null });
  });

  test("a refused sale becomes a lead without typing it again", async () => {
    await open({}, "lead", {
      lead: { referrer: { id: "r0", name: "Jane D." }, name: "Leo", contact: "leo@brandt.example" },
    });
    expect((await screen.findByTestId<HTMLInputElement>("lead-name")).value).toBe("Leo");
    expect(screen.getByTestId<HTMLInputElement>("lead-email").value).toBe("leo@brandt.example");
    await screen.findByText("K7MQ-4RTX");
  });

  test("a day to call back is picked by keyboard", async () => {
    await open({}, "lead");
    await user.click(await screen.findByRole("button", { name: "Pick a day" }));
    const day = await screen.findByRole("application", { name: /Call back on/ });
    expect(await complaints()).toEqual([]);
    await waitFor(() => expect(day).toContainElement(document.activeElement as HTMLElement));
    within(day).getByRole("button", { name: "Next month" });
    await user.keyboard("{ArrowRight}{Enter}");
    await screen.findByRole("button", { name: "Clear the date" });
    expect(await complaints()).toEqual([]);
  });
});

describe("a call-back", () => {
  const openCallBacks = async () => {
    await open({}, "leads");
    await user.click(await screen.findByText("Call-backs"));
    await waitFor(() => expect(screen.queryByText("Leo Brandt")).toBeNull());
  };
  const callBack = async () => {
    await user.click(await screen.findByTestId("call-back"));
    return screen.findByTestId("call-back-dialog");
  };
  const tim = () => desk.leads.find(({ name }) => name === "Tim Wood")!;

  test("is done once somebody says so", async () => {
    await openCallBacks();
    const dialog = await callBack();
    expect(dialog).toHaveTextContent("+44 20 7946 0155 · Wants the long treatment");
    expect(await complaints(dialog)).toEqual([]);
    await waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(tim().call_back).toBeNull());
    await screen.findByText("No lead fits this search and filter.");
    await waitFor(() => expect(screen.getByLabelText(/Search name/)).toHaveFocus());
  });

  test("is back again with Undo, where Enter was pressed too often; one that was due before is due today", async () => {
    await openCallBacks();
    const planned = tim().call_back;
    const doneAndUndone = async () => {
      await callBack();
      await user.keyboard("{Enter}");
      await waitFor(() => expect(tim().call_back).toBeNull());
      await user.click(await screen.findByTestId("toast-action"));
      await waitFor(() => expect(tim().call_back).not.toBeNull());
    };
    await doneAndUndone();
    expect(tim().call_back).toBe(planned);
    tim().call_back = "2020-01-02";
    await user.click(screen.getByText("All"));
    await screen.findByText("Leo Brandt");
    await user.click(screen.getByText("Call-backs"));
    await waitFor(() => expect(screen.queryByText("Leo Brandt")).toBeNull());
    await doneAndUndone();
    expect(tim().call_back).toBe(new Date().toISOString().slice(0, 10));
    await screen.findByTestId("call-back");
  });

  test("is put off to another day, and Cancel leaves it as it was", async () => {
    await openCallBacks();
    const planned = tim().call_back;
    await user.click(within(await callBack()).getByText("Cancel"));
    await waitFor(() => expect(screen.getByTestId("call-back")).toHaveFocus());
    expect(tim().call_back).toBe(planned);
    const dialog = await callBack();
    await waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement));
    await user.keyboard("2{Enter}");
    expect(desk.calls.some(({ command }) => command === "call_back")).toBe(false);
    await user.click(within(dialog).getByRole("button", { name: "Pick a day" }));
    const days = await screen.findByRole("application", { name: /Call again on/ });
    await waitFor(() => expect(days).toContainElement(document.activeElement as HTMLElement));
    await user.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}{Enter}");
    await user.click(await within(dialog).findByText("Call again then"));
    await waitFor(() => expect(tim().call_back).not.toBe(planned));
    expect(tim().call_back! > planned!).toBe(true);
    await screen.findByTestId("call-back");
  });
});

describe("referrers", () => {
  test("the list, a search, and the empty answer", async () => {
    await open({}, "referrers");
    await screen.findByText("Jane Doyle");
    expect(await complaints()).toEqual([]);
    await user.keyboard("zzzz");
    await screen.findByText("Nobody here");
    expect(await complaints()).toEqual([]);
  });

  test("an empty shop is offered the one next step", async () => {
    await open({ empty: true }, "referrers");
    await screen.findByText("Import a customer list");
    expect(await complaints()).toEqual([]);
  });

  test("adding somebody makes the code at once", async () => {
    await open({}, "referrers", { add: true });
    const dialog = await screen.findByTestId("add-dialog");
    await waitFor(() => expect(within(dialog).getByLabelText("Name")).toHaveFocus());
    expect(await complaints()).toEqual([]);
    await user.keyboard("Ruth Kim{Tab}ruth@kim.example{Enter}");
    await screen.findByTestId("code-card");
    const ask = desk.calls.find(({ command }) => command === "add_referrer")?.args["ask"];
    expect(ask).toMatchObject({ email: "ruth@kim.example", phone: null, code: { kind: "generate" } });
  });

  test("a person's page shows the code to be read out, and steps back with Esc", async () => {
    await open({}, "referrers", { person: "r0" });
    const card = await screen.findByTestId("code-card");
    expect(card).toHaveTextContent("K7MQ-4RTX");
    expect(card).toHaveTextContent("Kilo 7 Mike Quebec · 4 Romeo Tango X-ray");
    expect(await complaints()).toEqual([]);
    await user.keyboard("{Escape}");
    await screen.findByTestId("referrer-search");
  });

  test("a person without a code is offered one", async () => {
    await open({}, "referrers", { person: "x5" });
    const card = await screen.findByTestId("code-card");
    expect(card).toHaveTextContent("No code yet");
    expect(await complaints()).toEqual([]);
    await user.click(screen.getByTestId("generate"));
    await waitFor(() => expect(card).toHaveTextContent(/[2-9A-Z]{4}-[2-9A-Z]{4}/));
  });

  test("Copy copies the code as it is read, and says so", async () => {
    await open({}, "referrers", { person: "r0" });
    await user.click(await screen.findByRole("button", { name: "Copy code" }));
    await screen.findByText("Copied: K7MQ-4RTX");
    expect(await navigator.clipboard.readText()).toBe("K7MQ-4RTX");
  });

  test("a clipboard that is closed is not said to hold anything", async () => {
    await open({}, "referrers", { person: "r0" });
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValueOnce(new Error("closed"));
    document.execCommand = vi.fn(() => false);
    await user.click(await screen.findByRole("button", { name: "Copy code" }));
    await screen.findByText(/Nothing was copied/);
    expect(document.execCommand).toHaveBeenCalledWith("copy");
    expect(screen.queryByText(/^Copied/)).toBeNull();
  });

  test("a code is taken back with its reason, and a try after a fault is the same operation", async () => {
    await open({}, "referrers", { person: "r0" });
    await user.click(await screen.findByText("Revoke…"));
    const dialog = await screen.findByRole("dialog");
    expect(await complaints()).toEqual([]);
    desk.failNext["revoke_code"] = { code: "busy", sentence: "Somebody else is writing.", who: "staff" };
    await user.type(within(dialog).getByLabelText("Reason"), "on a coupon site{Enter}");
    await within(dialog).findByText("Somebody else is writing.");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByTestId("code-card")).toHaveTextContent("Revoked"));
    const asks = desk.calls.filter(({ command }) => command === "revoke_code").map(({ args }) => args["ask"]);
    expect(asks[0]).toMatchObject({ referrer_id: "r0", reason: "on a coupon site" });
    expect(asks).toEqual([asks[0], asks[0]]);
  });

  test("what is typed about a person stays while sales and uploads ring the bell, and is what is saved", async () => {
    await open({}, "referrers", { person: "r0" });
    await user.click(await screen.findByRole("button", { name: "Edit" }));
    const dialog = await screen.findByRole("dialog");
    const name = within(dialog).getByLabelText<HTMLInputElement>("Name");
    expect(name.value).toBe("Jane Doyle");
    await user.type(name, "-Smith");
    desk.known[0]!.uses = 77;
    desk.bell();
    await screen.findByText("77");
    expect(name.value).toBe("Jane Doyle-Smith");
    await user.keyboard("{Enter}");
    await screen.findByRole("heading", { name: "Jane Doyle-Smith" });
    const ask = desk.calls.find(({ command }) => command === "edit_referrer")?.args["ask"];
    expect(ask).toMatchObject({ id: "r0", name: "Jane Doyle-Smith" });
  });

  test("codes for all are made while staff go on selling", async () => {
    await open({}, "referrers");
    await user.click(await screen.findByTestId("generate-all"));
    await user.click(await screen.findByTestId("ask-yes"));
    nav.go("counter");
    const bar = await screen.findByRole("region", { name: "Generating codes" });
    expect(await complaints()).toEqual([]);
    await user.click(within(bar).getByText("Cancel"));
    await screen.findByText(/Nothing is half done/);
  });
});

describe("a dialog that holds typed text asks before it is lost", () => {
  const veil = () => document.querySelector(".veil")!;
  /** Every dialog of a person's page or of a counterfoil, and where it is typed into. */
  const cases: [string, Screen, Parcel | null, string, string][] = [
    ["add", "referrers", { add: true }, "", "Name"],
    ["edit", "referrers", { person: "r0" }, "Edit", "Name"],
    ["revoke", "referrers", { person: "r0" }, "Revoke…", "Reason"],
    ["note a handout", "referrers", { person: "r0" }, "Note a handout…", "Where (optional)"],
    ["undo", "counter", null, "Undo…", "Reason"],
    ["refund", "counter", null, "Refund…", "Reason"],
  ];

  async function begin(
    at: Screen,
    parcel: Parcel | null,
    opener: string,
    label: string,
  ): Promise<HTMLElement> {
    await open({}, at, parcel);
    if (at === "counter") await user.click((await screen.findAllByTestId("foil-more"))[0]!);
    if (opener) await user.click(await screen.findByText(opener));
    const field = await screen.findByLabelText(label);
    await waitFor(() =>
      expect(screen.getByRole("dialog")).toContainElement(document.activeElement as HTMLElement),
    );
    return field;
  }

  test.each(cases)("%s: nothing typed, and Esc closes it", async (_, at, parcel, opener, label) => {
    const field = await begin(at, parcel, opener, label);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(field).not.toBeInTheDocument());
    expect(screen.queryByTestId("ask-yes")).toBeNull();
  });

  test.each(cases)("%s: Esc asks; the text stays, or goes", async (_, at, parcel, opener, label) => {
    const field = await begin(at, parcel, opener, label);
    await user.click(field);
    await user.keyboard("Some words{Escape}");
    const ask = await screen.findByRole("dialog", { name: "Close without saving?" });
    expect(await complaints()).toEqual([]);
    await waitFor(() => expect(within(ask).getByText("Keep typing")).toHaveFocus());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(ask).not.toBeInTheDocument());
    expect(field).toHaveFocus();
    expect((field as HTMLInputElement).value).toContain("Some words");
    await user.keyboard("{Escape}");
    await user.click(await screen.findByTestId("ask-yes"));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(field).not.toBeInTheDocument();
    expect(document.activeElement).not.toBe(document.body);
  });

  test("a click outside asks too, and the focus comes back to the text", async () => {
    const field = await begin("referrers", { add: true }, "", "Name");
    await user.keyboard("Ruth");
    (document.activeElement as HTMLElement).blur();
    await fireEvent.pointerDown(veil(), { clientX: 9, clientY: 9 });
    const ask = await screen.findByRole("dialog", { name: "Close without saving?" });
    await waitFor(() => expect(within(ask).getByText("Keep typing")).toHaveFocus());
    await user.keyboard("{Escape}");
    await waitFor(() => expect(ask).not.toBeInTheDocument());
    expect(field).toHaveFocus();
    expect((field as HTMLInputElement).value).toBe("Ruth");
  });

  test("once it is saved there is nothing to ask", async () => {
    await begin("referrers", { add: true }, "", "Name");
    await user.keyboard("Ruth Kim{Tab}ruth@kim.example{Enter}");
    await screen.findByTestId("code-card");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("a reason in one press is nothing typed", async () => {
    const field = await begin("counter", null, "Undo…", "Reason");
    await user.click(screen.getByText("Wrong amount"));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(field).not.toBeInTheDocument());
  });
});

describe("lists as files", () => {
  test("a list is saved while staff go on selling, and can be stopped", async () => {
    await open({}, "referrers");
    await user.click(await screen.findByTestId("export-referrers"));
    nav.go("counter");
    const bar = await screen.findByRole("region", { name: "Saving export.csv" });
    await waitFor(() => expect(bar).toHaveTextContent(/of 30/));
    expect(await complaints()).toEqual([]);
    await user.click(within(bar).getByText("Cancel"));
    await screen.findByText("Stopped. No list was saved.");
  });

  test("a saved one says how many rows and where", async () => {
    await open({ stepMs: 1 }, "settings");
    await user.click(await screen.findByText("Export sales…"));
    await screen.findByText("30 rows saved to /home/till/Documents/export.csv", {}, { timeout: 15_000 });
    const call = desk.calls.find(({ command }) => command === "export_list");
    expect(call?.args).toMatchObject({ list: "redemptions", path: "/home/till/Documents/export.csv" });
  });
});

describe("import", () => {
  async function start(): Promise<void> {
    await open({}, "import");
    await user.click(await screen.findByTestId("import-type-path"));
    await user.type(await screen.findByTestId("import-path"), "/tmp/people.csv{Enter}");
    await user.click(await screen.findByTestId("import-run"));
  }
  const cancels = () => desk.calls.filter(({ command }) => command === "cancel");

  test("while it runs it says how far it is, also at the counter; Cancel stops it, and nothing came in", async () => {
    await start();
    const bar = await screen.findByRole("region", { name: "Importing people.csv" });
    const progress = within(bar).getByRole("progressbar");
    await waitFor(() => expect(bar).toHaveTextContent(/\d of 1,204/));
    expect(Number(progress.getAttribute("aria-valuenow"))).toBeGreaterThan(0);
    expect(progress).toHaveAttribute("aria-valuemax", "1204");
    expect(await complaints()).toEqual([]);
    nav.go("counter");
    await screen.findByTestId("code-field");
    expect(await complaints()).toEqual([]);
    nav.go("import");
    expect(cancels()).toHaveLength(0);
    await user.click(within(bar).getByText("Cancel"));
    await screen.findByText("Stopped. Nothing from this file was kept.");
    expect(cancels()).toHaveLength(1);
    expect(screen.queryByTestId("import-report")).toBeNull();
    expect(screen.queryByRole("region", { name: "Importing people.csv" })).toBeNull();
    // The list is still there to be brought in after all.
    expect(screen.getByTestId("import-run")).toBeEnabled();
    expect(await complaints()).toEqual([]);
  });

  test("a typed path, the columns, the report", async () => {
    await open({}, "import");
    await screen.findByTestId("import-choose");
    expect(await complaints()).toEqual([]);
    await user.click(screen.getByTestId("import-type-path"));
    await user.type(await screen.findByTestId("import-path"), "/tmp/people.csv{Enter}");
    await screen.findByText("Looks like an export of Square · 48 kB");
    expect(await complaints()).toEqual([]);
    const email = screen.getByLabelText("Email Address");
    const phone = screen.getByLabelText("Phone Number");
    await fireEvent.change(email, { target: { value: "" } });
    await fireEvent.change(phone, { target: { value: "" } });
    await screen.findByText(/a name alone can’t be matched again/);
    expect(screen.getByTestId("import-run")).toBeDisabled();
    await fireEvent.change(email, { target: { value: "email" } });
    await user.click(screen.getByTestId("import-run"));
    const report = await screen.findByTestId("import-report", {}, { timeout: 15_000 });
    expect(report).toHaveTextContent("1,170");
    expect(report).toHaveTextContent("/tmp/people.csv.rejected.csv");
    expect(await complaints()).toEqual([]);
  });
});

test("leads, by what is still to do about them", async () => {
  await open({}, "leads");
  await screen.findByText("Leo Brandt");
  expect(await complaints()).toEqual([]);
  await user.click(screen.getByRole("radio", { name: "Call-backs" }));
  await waitFor(() => expect(screen.queryByText("Leo Brandt")).toBeNull());
  await screen.findByText("Tim Wood");
});

test("leads: an empty list says what it is for and offers the next step", async () => {
  await open({ empty: true }, "leads");
  await screen.findByText("No leads yet");
  expect(await complaints()).toEqual([]);
  await user.click(within(screen.getByRole("main")).getByText("Phone lead", { selector: ".primary" }));
  await screen.findByTestId("lead-referrer");
});

test("settings: the last copy is named; an old one says what to do, and a new one mends it", async () => {
  await open({}, "settings");
  expect(await screen.findByTestId("last-copy")).toHaveTextContent(/made each day/);
  nav.go("counter");
  await screen.findByTestId("code-field");
  desk.copies[0]!.at = new Date(Date.now() - 3 * 86_400_000).toISOString();
  nav.go("settings");
  await waitFor(() => expect(screen.getByTestId("last-copy")).toHaveTextContent(/could not be made/));
  expect(await complaints()).toEqual([]);
  await user.click(screen.getByText("Make a copy now"));
  await waitFor(() => expect(screen.getByTestId("last-copy")).toHaveTextContent(/made each day/));
});

test("settings: the language changes the whole window at once", async () => {
  await open({}, "settings");
  expect(await complaints()).toEqual([]);
  await user.click(screen.getByRole("radio", { name: "Deutsch" }));
  await screen.findByRole("heading", { name: "Einstellungen" });
  await user.click(screen.getByText("Aufzeichnungen prüfen"));
  await screen.findByText(/nichts verloren, nichts doppelt/);
});

describe("keys that work everywhere", () => {
  test("F-keys change the screen; ? lists the keys, but not while typing", async () => {
    await open();
    await user.keyboard("{F3}");
    await screen.findByTestId("lead-referrer");
    await user.keyboard("?");
    expect(screen.queryByText("Step back; asks before typed text is lost")).toBeNull();
    await user.keyboard("{F1}");
    await screen.findByText("Step back; asks before typed text is lost");
    expect(await complaints()).toEqual([]);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByText("Step back; asks before typed text is lost")).toBeNull());
    screen.getByRole("button", { name: /^Leads/ }).focus();
    await user.keyboard("?");
    await screen.findByText("Step back; asks before typed text is lost");
    await user.keyboard("?");
    await waitFor(() => expect(screen.queryByText("Step back; asks before typed text is lost")).toBeNull());
  });

  test("Ctrl+K finds people and screens, from the code field too", async () => {
    await open();
    await screen.findByTestId("code-field");
    await user.keyboard("{Control>}k{/Control}");
    const palette = await screen.findByTestId("palette");
    await user.keyboard("omar");
    await within(palette).findByText("Omar Khalil");
    expect(await complaints()).toEqual([]);
    await user.keyboard("{Enter}");
    await screen.findByTestId("code-card");
  });
});
