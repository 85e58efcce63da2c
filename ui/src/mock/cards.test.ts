// Cards and batches in their named states: chosen, drawn, printed, marked, taken back, all of it by keyboard too.
import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test } from "vitest";
import App from "../App.svelte";
import { nav, type Parcel } from "../shared/nav.svelte";
import { leave } from "../shared/shop.svelte";
import { toasts } from "../shared/toasts.svelte";
import type { CardsAsk, Fault } from "../api/bindings";
import { complaints } from "./axe";
import { FakeDesk, type Scene } from "./desk";
import { behind } from "./install";

let desk: FakeDesk;
let user: ReturnType<typeof userEvent.setup>;

async function open(scene: Scene = {}, parcel: Parcel | null = null): Promise<void> {
  leave();
  desk = new FakeDesk({ extra: 20, ...scene });
  behind(desk);
  nav.go("cards", parcel);
  user = userEvent.setup({ delay: 40 });
  render(App);
  await screen.findByRole("heading", { level: 1 });
}

const asked = (command: string) =>
  desk.calls.filter((call) => call.command === command).map(({ args }) => args);
const lastAsk = () => asked("preview_cards").at(-1)?.["ask"] as CardsAsk | undefined;
const total = () => screen.getByTestId("cards-total");
const button = (name: string | RegExp, root: HTMLElement = document.body) =>
  within(root).getByRole("button", { name });

async function batches(): Promise<void> {
  await user.click(screen.getByRole("tab", { name: "Batches" }));
}
async function batch(number: number): Promise<void> {
  await batches();
  await user.click(await screen.findByTestId(`batch-${number}`));
  await screen.findByRole("heading", { name: `Batch ${number}` });
}
async function mark(state: string): Promise<void> {
  await user.click(await screen.findByTestId(`mark-${state}`));
  await user.click(await screen.findByTestId("mark-yes"));
}

beforeEach(() => {
  localStorage.clear();
  toasts.forget();
});

describe("printing", () => {
  test("templates, preview and totals; nothing to complain about", async () => {
    await open();
    await waitFor(() => expect(total()).toHaveTextContent("4 cards on 1 sheet"));
    expect(screen.getAllByRole("radio", { name: /mm$/ })).toHaveLength(8);
    const picture = screen.getByTestId<HTMLImageElement>("preview");
    expect(picture.src).toMatch(/^data:image\/svg\+xml/);
    expect(await complaints()).toEqual([]);
  });

  test("F8 leads here, and every choice is drawn", async () => {
    await open();
    nav.go("counter");
    await screen.findByTestId("code-field");
    await user.keyboard("{F8}");
    await user.click(await screen.findByTestId("template-label_l7160"));
    await waitFor(() => expect(lastAsk()).toMatchObject({ template: "label_l7160", sheet: "a4" }));
    await user.click(screen.getByRole("radio", { name: "QR only" }));
    const skip = screen.getByLabelText("Places already used on the first sheet");
    await user.clear(skip);
    await user.type(skip, "99");
    await waitFor(() => expect(lastAsk()).toMatchObject({ show: "link", skip: 20 }));
    const headline = screen.getByLabelText("Headline");
    await user.clear(headline);
    await user.type(headline, "Come & see <us>");
    await user.tab();
    await waitFor(() => expect(lastAsk()?.headline).toBe("Come & see <us>"));
    expect(asked("set_brand").at(-1)).toMatchObject({ ask: { headline: "Come & see <us>" } });
    await user.click(screen.getByRole("switch", { name: "Name of who recommends" }));
    await waitFor(() => expect(lastAsk()?.with_name).toBe(false));
    // Paper of one template is not kept for another that does not come on it.
    await user.click(screen.getByTestId("template-perforated_5371"));
    await waitFor(() => expect(lastAsk()).toMatchObject({ sheet: "letter", skip: 9 }));
  });

  test("chosen people by search, one taken out again, by keyboard", async () => {
    await open();
    await user.click(await screen.findByTestId("whom-these"));
    await waitFor(() => expect(total()).toHaveTextContent("Choose whom the cards are for."));
    expect(screen.getByTestId("print-cards")).toBeDisabled();
    for (const text of ["jane d", "omar"]) {
      await user.type(screen.getByTestId("cards-people"), text);
      await waitFor(() => expect(document.querySelectorAll(".person-list .option")).toHaveLength(1));
      await user.keyboard("{ArrowDown}{Enter}");
      await waitFor(() => expect(screen.getByTestId("cards-people")).toHaveFocus());
      expect(screen.getByTestId<HTMLInputElement>("cards-people").value).toBe("");
    }
    await waitFor(() => expect(lastAsk()?.people).toEqual({ kind: "these", ids: ["r0", "r1"] }));
    expect(await complaints()).toEqual([]);
    await user.click(button("Leave Jane Doyle out"));
    await waitFor(() => expect(total()).toHaveTextContent("1 card on 1 sheet"));
  });

  test("saved as a file; the batch is one press away", async () => {
    await open({ stepMs: 1 });
    await user.click(await screen.findByTestId("whom-all"));
    await user.type(screen.getByLabelText(/^Where the cards go/), "Front desk");
    await waitFor(() => expect(total()).toHaveTextContent("30 cards on 3 sheets"));
    await user.click(screen.getByTestId("save-cards"));
    await user.click(await screen.findByText("Show batch 13"));
    await screen.findByRole("heading", { name: "Batch 13" });
    expect(asked("print_cards")).toMatchObject([
      {
        ask: { place: "Front desk", people: { kind: "all" } },
        to: { kind: "save", path: "/home/till/Documents/cards.pdf" },
      },
    ]);
  });

  test("progress, and cancelled: no batch", async () => {
    await open();
    await waitFor(() => expect(screen.getByTestId("print-cards")).toBeEnabled());
    await user.click(screen.getByTestId("print-cards"));
    await user.click(button("Cancel", await screen.findByRole("region", { name: "Printing cards" })));
    await screen.findByText("Stopped. No cards were printed.");
    await batches();
    await screen.findByTestId("batch-12");
    expect(screen.queryByTestId("batch-13")).toBeNull();
  });

  test("what can't be drawn is named before anything is printed", async () => {
    await open({ troubles: 7, stepMs: 1 });
    const troubles = await screen.findByTestId("troubles");
    expect(troubles).toHaveTextContent(/Jane Doyle: no font/);
    expect(within(troubles).getAllByRole("listitem")).toHaveLength(7);
    expect(await complaints()).toEqual([]);
    await user.click(screen.getByTestId("print-cards"));
    expect(await screen.findByTestId("ask-yes")).toBeTruthy();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("ask-yes")).toBeNull());
    expect(asked("print_cards")).toEqual([]);
    await user.click(screen.getByTestId("print-cards"));
    await user.click(await screen.findByTestId("ask-yes"));
    await screen.findByText(/open in your PDF viewer/);
    expect(asked("print_cards")).toMatchObject([{ to: { kind: "viewer" } }]);
  });

  test("nothing is printed before everybody was looked at; a look that a change overtook says nothing", async () => {
    await open({ stepMs: 1 });
    const looks: Record<string, { done: (troubles: string[]) => void; fail: (fault: Fault) => void }> = {};
    Object.assign(desk.cards, {
      card_troubles: ({ ask }: { ask: CardsAsk }) =>
        new Promise((done, fail) => (looks[ask.template] = { done, fail })),
    });
    await user.click(await screen.findByTestId("template-label_l7160"));
    await waitFor(() => expect(looks["label_l7160"]).toBeTruthy());
    await user.click(screen.getByTestId("print-cards"));
    await user.click(screen.getByTestId("template-flyer_a6"));
    await waitFor(() => expect(looks["flyer_a6"]).toBeTruthy());
    looks["label_l7160"]!.fail({ code: "cancelled", sentence: "Stopped.", who: "staff" });
    await waitFor(() => expect(screen.getByTestId("template-flyer_a6")).toBeChecked());
    expect(screen.queryByText("Stopped.")).toBeNull();
    expect(screen.queryByTestId("ask-yes")).toBeNull();
    looks["flyer_a6"]!.done(["Jane Doyle: no font on this computer can draw every letter."]);
    expect(await screen.findByTestId("ask-yes")).toBeTruthy();
    expect(screen.getByTestId("troubles")).toHaveTextContent("Jane Doyle");
    expect(asked("print_cards")).toEqual([]);
  });

  test("where the look fails, its fault is said and nothing is printed", async () => {
    await open({ stepMs: 1 });
    await waitFor(() => expect(screen.getByTestId("print-cards")).toBeEnabled());
    let fail: (fault: Fault) => void = () => undefined;
    Object.assign(desk.cards, { card_troubles: () => new Promise((_, failed) => (fail = failed)) });
    await user.click(screen.getByTestId("template-label_l7160"));
    await waitFor(() => expect(lastAsk()?.template).toBe("label_l7160"));
    await user.click(screen.getByTestId("print-cards"));
    await user.click(screen.getByTestId("print-cards"));
    fail({ code: "storage", sentence: "Nobody could be looked at.", who: "support" });
    await screen.findByText(/could be looked at/);
    expect(screen.getByTestId("print-cards")).toBeDisabled();
    expect(asked("print_cards")).toEqual([]);
  });

  test("a test sheet goes to the chosen printer and is no batch", async () => {
    await open();
    await waitFor(() => expect(screen.getByTestId("test-sheet")).toBeEnabled());
    await user.selectOptions(screen.getByLabelText("Printer"), "Office (usual)");
    await user.click(screen.getByTestId("test-sheet"));
    await screen.findByText(/^A test sheet is on its way/);
    expect(asked("test_sheet")).toMatchObject([{ to: { kind: "spool", printer: "Office" } }]);
  });

  test("choices are remembered on this till; a printer that is gone is not", async () => {
    await open();
    await user.click(await screen.findByTestId("template-flyer_a6"));
    await user.selectOptions(screen.getByLabelText("Printer"), "Office (usual)");
    await user.type(screen.getByLabelText(/^Printed by/), "Mina");
    document.body.replaceChildren();
    await open({ printers: 0 });
    await waitFor(() =>
      expect(lastAsk()).toMatchObject({ template: "flyer_a6", sheet: "own", printed_by: "Mina" }),
    );
    expect(screen.getByLabelText<HTMLSelectElement>("Printer").value).toBe("");
  });

  test("a colour that is none changes nothing; a logo is put on and taken off", async () => {
    await open();
    const colour = await screen.findByLabelText("Colour");
    await user.clear(colour);
    await user.type(colour, "reddish");
    expect(colour).toHaveAttribute("aria-invalid", "true");
    await user.tab();
    await waitFor(() => expect(colour).toHaveValue("#0e5a4b"));
    expect(asked("set_brand")).toEqual([]);
    await user.clear(colour);
    await user.type(colour, "#AA2200");
    await user.tab();
    await waitFor(() => expect(asked("set_brand")).toMatchObject([{ ask: { accent: "#aa2200" } }]));
    await user.click(screen.getByTestId("choose-logo"));
    await screen.findByAltText("The shop’s logo");
    await user.click(button("No logo"));
    await waitFor(() => expect(screen.queryByAltText("The shop’s logo")).toBeNull());
  });

  test("a shop without people says what to do first", async () => {
    await open({ empty: true });
    await screen.findByText("Nobody to print for yet");
    expect(await complaints()).toEqual([]);
    await user.click(button("Import a customer list"));
    await screen.findByRole("heading", { name: "Import" });
  });

  test("a fault is said, and nothing can be printed meanwhile", async () => {
    leave();
    desk = new FakeDesk({ extra: 2 });
    desk.failNext["preview_cards"] = {
      code: "storage",
      sentence: "The preview could not be drawn.",
      who: "support",
    };
    behind(desk);
    nav.go("cards");
    render(App);
    await screen.findByText(/could not be drawn/);
    expect(screen.getByTestId("print-cards")).toBeDisabled();
  });

  test("in German, without a word of English left over", async () => {
    await open({ language: "de" });
    await waitFor(() => expect(total()).toHaveTextContent("4 Karten auf 1 Bogen"));
    expect(document.querySelector("main")!.textContent).not.toMatch(/\b(the|and|card|sheet)\b/i);
  });
});

describe("batches", () => {
  test("how many, where, what they brought", async () => {
    await open();
    await batches();
    const line = await screen.findByTestId("batch-11");
    expect(line).toHaveTextContent(
      /11.*cards.*Labels L7160.*Spring fair, hall 3.*handed out.*1 lost.*1 used up.*14/,
    );
    expect(await complaints()).toEqual([]);
  });

  test("lost: what follows is said, who says so is remembered, and it can be taken back", async () => {
    await open();
    await batch(10);
    await user.click(screen.getByTestId("mark-lost"));
    const dialog = await screen.findByTestId("mark-dialog");
    expect(dialog).toHaveTextContent(/need a manager’s yes at the counter/);
    expect(await complaints()).toEqual([]);
    await user.type(within(dialog).getByLabelText(/^Who says so/), "Mina{Escape}");
    await user.click(await screen.findByText("Keep typing"));
    await user.type(within(dialog).getByLabelText(/^Who says so/), "{Enter}");
    await screen.findByText(/^Batch 10 is lost/);
    await screen.findByText("The codes on lost cards need a manager’s yes at the counter.");
    expect(asked("mark_batch")).toEqual([{ ask: { number: 10, state: "lost", by: "Mina" } }]);
    await user.click(screen.getByText("Undo"));
    await waitFor(() =>
      expect(asked("mark_batch").at(-1)).toEqual({ ask: { number: 10, state: "printed", by: "Mina" } }),
    );
    await screen.findByText("Batch 10: taken back");
    await mark("handed_out");
    await screen.findByText("Batch 10 is handed out");
    expect(asked("mark_batch").at(-1)).toEqual({ ask: { number: 10, state: "handed_out", by: "Mina" } });
    // Also later, when the short word about it is gone.
    await user.click(await screen.findByTestId("take-back"));
    await waitFor(() => expect(screen.queryByTestId("take-back")).toBeNull());
  });

  test("one card by keyboard, and back", async () => {
    await open();
    await batch(12);
    const more = await screen.findByRole("button", { name: "Where is the card K7MQ-4RTX?" });
    more.focus();
    await user.keyboard("{Enter}");
    await user.click(await screen.findByRole("menuitem", { name: "Lost: ask at the counter" }));
    await screen.findByText("K7MQ-4RTX: lost");
    expect(asked("mark_card")).toEqual([{ ask: { id: "card-12-0", state: "lost", by: null } }]);
    await user.click(screen.getByText("Undo"));
    await waitFor(() => expect(asked("mark_card").at(-1)).toMatchObject({ ask: { state: "printed" } }));
  });

  test("a card is searched for; Esc leads back to the list", async () => {
    await open();
    await batch(11);
    await user.type(screen.getByTestId("card-search"), "nobody at all");
    await screen.findByText("No card of this batch has this name or code.");
    await user.click(button("Show all cards"));
    await waitFor(() => expect(asked("batch").at(-1)).toEqual({ number: 11, search: "" }));
    await user.keyboard("{Escape}");
    await screen.findByRole("tab", { name: "Batches" });
  });

  test("none yet: what it is for, and the next step", async () => {
    await open({ batches: "none" });
    await batches();
    await screen.findByText("No cards printed yet");
    expect(await complaints()).toEqual([]);
    await user.click(button("Print cards"));
    await waitFor(() => expect(total()).toHaveTextContent("cards"));
  });

  test("a fault is said where it happened", async () => {
    await open();
    await batch(10);
    desk.failNext["mark_batch"] = { code: "busy", sentence: "Another Counterfoil is writing.", who: "staff" };
    await mark("used_up");
    await within(await screen.findByTestId("mark-dialog")).findByText(/is writing/);
  });
});

test("a scan of a lost card asks, with the order typed too, until a manager says yes; the batch stays with the sale", async () => {
  await open();
  const card = desk.cards.runs[0]!.cards[0]!;
  desk.cards.mark_card({ ask: { id: card.id, state: "lost", by: null } });
  const scan = `counterfoil:${card.code}?batch=10`;
  nav.go("counter", { scan: { text: scan, physical: scan } });
  await screen.findByText(/reported lost/);
  await waitFor(() => expect(screen.getByTestId("order-field")).toHaveFocus());
  await user.type(screen.getByTestId("order-field"), "100");
  await waitFor(() => expect(asked("check").at(-1)).toMatchObject({ ask: { code: scan, order: 10000 } }));
  await screen.findByText(/reported lost/);
  await user.keyboard("{F5}");
  const dialog = await screen.findByRole("dialog", { name: "Manager’s yes" });
  await user.type(within(dialog).getByLabelText("Manager’s name"), "Mina");
  await user.type(within(dialog).getByLabelText("Why is it all right?"), "Knows her{Enter}");
  await waitFor(() =>
    expect(asked("redeem")).toMatchObject([{ ask: { code: scan, override_by: { manager: "Mina" } } }]),
  );
});

describe("a person's page", () => {
  async function jane(): Promise<void> {
    nav.go("referrers", { person: "r0" });
    await screen.findByRole("heading", { name: "Jane Doyle" });
  }

  test("hand out: how, where, by whom, once; it stands in the history", async () => {
    await open();
    await jane();
    await user.click(await screen.findByTestId("hand-out"));
    const dialog = await screen.findByTestId("hand-out-dialog");
    expect(await complaints()).toEqual([]);
    await user.click(within(dialog).getByRole("radio", { name: "Spoken" }));
    await user.type(within(dialog).getByLabelText(/^Where/), "<b>on the phone</b>");
    await user.type(within(dialog).getByLabelText(/^Handed out by/), "Mina{Enter}");
    await screen.findByText("K7MQ-4RTX handed out: Spoken");
    await screen.findByText("Spoken · <b>on the phone</b> · Mina");
    expect(asked("hand_out")).toMatchObject([{ ask: { referrer_id: "r0", how: "spoken", by: "Mina" } }]);
  });

  test("print cards for this person", async () => {
    await open();
    await jane();
    await user.click(button("Print cards"));
    await waitFor(() => expect(lastAsk()?.people).toEqual({ kind: "these", ids: ["r0"] }));
    expect(screen.getByTestId("whom-these")).toBeChecked();
  });
});
