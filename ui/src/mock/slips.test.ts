// Slips at the counter, on a person's page and in the settings: what is asked of the desk, and what staff are told.
import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import App from "../App.svelte";
import { sale } from "../counter/sale.svelte";
import { nav, type Parcel, type Screen } from "../shared/nav.svelte";
import { leave } from "../shared/shop.svelte";
import { slips } from "../shared/slips.svelte";
import { toasts } from "../shared/toasts.svelte";
import { complaints } from "./axe";
import { FakeDesk, type Scene } from "./desk";
import { behind } from "./install";

let desk: FakeDesk;
let user: ReturnType<typeof userEvent.setup>;

async function open(scene: Scene = {}, at: Screen = "counter", parcel: Parcel | null = null): Promise<void> {
  leave();
  slips.forget();
  toasts.forget();
  desk = new FakeDesk({ extra: 20, ...scene });
  behind(desk);
  sale.clear();
  nav.go(at, parcel);
  user = userEvent.setup({ delay: 40 });
  render(App);
  await waitFor(() => expect(document.querySelector("h1")).not.toBeNull());
}

const asked = (command: string) =>
  desk.calls.filter((call) => call.command === command).map(({ args }) => args);

test("a counterfoil prints its slip from the menu, by keyboard alone", async () => {
  await open({ printer: "good" });
  const list = await screen.findByTestId("today");
  within(list).getAllByTestId("foil-more")[1]!.focus();
  await user.keyboard("{Enter}");
  await screen.findByRole("menuitem", { name: "Slip" });
  expect(await complaints()).toEqual([]);
  await user.keyboard("{Enter}");
  await screen.findByText("The slip is printed");
  const [{ ask }] = asked("print_slip") as [{ ask: { op: string; of: unknown } }];
  expect(ask.of).toEqual({ kind: "receipt", redemption_id: "id-f1" });
  expect(ask.op).toMatch(/^[0-9a-f-]{36}$/);
});

test("Ctrl+P prints the slip of the latest sale, also from the code field", async () => {
  await open({ printer: "good" });
  await screen.findByTestId("today");
  (await screen.findByTestId("code-field")).focus();
  await user.keyboard("{Control>}p{/Control}");
  await screen.findByText("The slip is printed");
  expect(asked("print_slip")).toMatchObject([{ ask: { of: { redemption_id: "id-f0" } } }]);
});

test("a printer without paper: the slip waits, says why, and is printed again or dropped", async () => {
  await open({ printer: "no_paper" });
  const waiting = await screen.findByTestId("slips-waiting");
  expect(waiting).toHaveTextContent("2 slips wait");
  expect(waiting).toHaveTextContent("Leo Brandt");
  expect(waiting).toHaveTextContent("The printer has no paper.");
  expect(await complaints()).toEqual([]);
  await user.click(within(waiting).getByLabelText("Print no slip for Omar Khalil"));
  await waitFor(() => expect(waiting).toHaveTextContent("A slip waits"));
  await user.click(within(waiting).getByLabelText("Print the slip of Leo Brandt again"));
  await screen.findByText("The printer has no paper. The slip waits.");
  desk.printer.scene.printer = "good";
  await user.click(within(waiting).getByLabelText("Print the slip of Leo Brandt again"));
  await screen.findByText("The slip is printed");
  await waitFor(() => expect(screen.queryByTestId("slips-waiting")).toBeNull());
});

test("a shop without a printer saves the slip as a document", async () => {
  await open({}, "referrers", { person: "r0" });
  await user.click(await screen.findByTestId("slip-code"));
  await screen.findByText("The slip is saved as /home/till/Documents/slip.pdf");
  expect(asked("save_slip")).toMatchObject([{ ask: { of: { kind: "your_code", referrer_id: "r0" } } }]);
  expect(asked("print_slip")).toEqual([]);
});

test("the printer is set up, tested and kept in the settings", async () => {
  await open({}, "settings");
  const card = await screen.findByTestId("printer");
  const address = await within(card).findByLabelText("Address");
  expect(within(card).getByText("Test print")).toBeDisabled();
  expect(await complaints()).toEqual([]);
  await user.type(address, "the printer");
  await user.click(within(card).getByText("Save"));
  await within(card).findByText(/is not where a printer can be/);
  await user.clear(address);
  await user.type(address, "tcp://192.168.1.50");
  await user.click(within(card).getByRole("radio", { name: "58 mm" }));
  await user.click(within(card).getByRole("switch", { name: /receipt slip after each sale/ }));
  await user.click(within(card).getByText("Test print"));
  await screen.findByText(/A test slip is printed/);
  expect(asked("test_print")).toEqual([{ address: "tcp://192.168.1.50", columns: 32 }]);
  await user.click(within(card).getByText("Save"));
  await screen.findByText("Saved");
  expect(asked("set_printer").at(-1)).toEqual({
    ask: { address: "tcp://192.168.1.50", columns: 32, after_sale: true },
  });
  expect(within(card).queryByRole("alert")).toBeNull();
});

test("in German too", async () => {
  await open({ printer: "no_paper", language: "de" });
  const waiting = await screen.findByTestId("slips-waiting");
  expect(waiting).toHaveTextContent("2 Bons warten");
  expect(waiting).toHaveTextContent("Der Drucker hat kein Papier.");
});
