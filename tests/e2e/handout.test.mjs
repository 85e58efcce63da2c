// A code reaches its person in the real window, by keys alone: turned towards the customer, by WhatsApp, and on a slip that waits for
// its printer.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { freshFolder, openWindow, root, terminal, walk } from "./harness.mjs";
import { handOutTo, initShop, scanned, standIns } from "./steps.mjs";

/** A receipt printer in the network that keeps what it is sent. On a free port the first time and on the same one after that. */
async function startPrinter(port = 0) {
  const paper = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (bytes) => paper.push(bytes));
    socket.on("error", () => {});
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    paper: () => Buffer.concat(paper),
    async off() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

describe("a code is handed out", { timeout: 300_000 }, () => {
  const { folder: place, remove } = freshFolder();
  const folder = join(place, "data");
  /** Which address was given to the program that opens them. */
  const opened = join(place, "opened");
  const foil = terminal(folder);
  const step = walk(() => window);
  let window;
  let printer;
  let code;

  before(async () => {
    standIns(place, { "xdg-open": `printf '%s\\n' "$@" >>"${opened}"` });
    initShop(foil);
    foil("rules", "set", "--percent", "15");
    foil("referrer", "add", "--name", "Jane Whitfield", "--email", "jane@salon.example", "--phone", "+44 7911 123456", "--generate");
    code = foil("lookup", "jane").hits[0].code;
    printer = await startPrinter();
    foil("printer", "set", `tcp://127.0.0.1:${printer.port}`);
    window = await openWindow(folder);
  });
  after(async () => {
    await window?.close();
    await printer?.off();
    remove();
  });

  const handouts = () => foil("handout", "list", "jane@salon.example");

  async function handOutToJane() {
    await handOutTo(window, "jane", "Jane Whitfield");
    await window.says("hand-out-code", code);
  }

  step("F4 finds the person, and every way is there", async () => {
    await window.focused("code-field");
    await handOutToJane();
    await window.pictures("30-hand-out");
  });

  step("the customer's page shows the code and nobody's name, and goes by Esc", async () => {
    await window.press("Enter");
    await window.shown("customer-page");
    await window.says("customer-page", code);
    assert.doesNotMatch(await window.text("customer-page"), /Jane|Whitfield|salon\.example/);
    for (const picture of await window.pictures("31-customer-page")) {
      assert.deepEqual(scanned(join(root, picture)), [`counterfoil:${code}`], picture);
    }
    await window.press("Escape");
    await window.gone("customer-page");
    assert.match(JSON.stringify(handouts()), /"screen"/);
  });

  step("WhatsApp is opened with her number and her message, and one Handout is on her page", async () => {
    await handOutToJane();
    await window.tabTo("way-whatsapp");
    await window.press("Enter");
    await window.until("something was opened", () => existsSync(opened) && readFileSync(opened, "utf8").endsWith("\n"));
    // wa.me: the number without its plus, the text encoded as RFC 3986 says. She has no link and her code no last day.
    const text =
      "Hello%20Jane%20Whitfield%2C%20this%20is%20your%20referral%20code%20for%20Harbour%20Street%20Salon%3A%20" +
      `${code}%0AWhoever%20names%20it%20gets%2015%25%20off%20your%20order.`;
    assert.equal(readFileSync(opened, "utf8"), `https://wa.me/447911123456?text=${text}\n`);
    const byMessage = () => handouts().handouts.filter(({ how }) => how === "message");
    await window.until("it is on record", () => byMessage().length > 0);
    await window.press("Escape");
    await window.gone("hand-out-dialog");
    await window.press("F6");
    await window.focused("referrer-search");
    await window.type("jane");
    await window.press("ArrowDown", "Enter");
    const lines = () => window.run(() => document.body.innerText.match(/Handed out: Message.*/g) ?? []);
    await window.until("it stands in the history", async () => (await lines()).length > 0);
    assert.deepEqual(await lines(), ["Handed out: Message · WhatsApp"]);
    assert.equal(byMessage().length, 1);
  });

  step("her code goes to the slip printer, and that is on record too", async () => {
    await window.press("F2");
    await handOutToJane();
    await window.tabTo("way-slip");
    await window.press("Enter");
    await window.until("the slip is on paper", () => printer.paper().includes(code));
    await window.until("it is on record", () => JSON.stringify(handouts()).includes('"slip"'));
    await window.press("Escape");
    await window.gone("hand-out-dialog");
  });

  step("the receipt of the latest sale is printed by Ctrl+P", async () => {
    foil("redeem", code, "--order", "49.90", "--name", "Leo", "--email", "leo@mail.example");
    await window.press("F2");
    await window.says("counterfoil", "42.4");
    await window.press(["Control", "p"]);
    // 15 % off 49.90
    await window.until("the slip is on paper", () => printer.paper().includes("42.41"));
  });

  step("a printer that is off keeps no sale waiting: its slip waits", async () => {
    await printer.off();
    foil("redeem", code, "--order", "20", "--name", "Mia", "--email", "mia@mail.example");
    await window.says("counterfoil", "17.00");
    await window.press(["Control", "p"]);
    await window.shown("slips-waiting");
    await window.pictures("32-slip-waits");
    printer = await startPrinter(printer.port);
    await window.tabToNamed("Print the slip of Mia again");
    await window.press("Enter");
    await window.until("the slip is on paper", () => printer.paper().includes("17.00"));
    await window.gone("slips-waiting");
  });

  step("a slip after each sale is printed by itself, once the printer is there again", async () => {
    foil("printer", "set", `tcp://127.0.0.1:${printer.port}`, "--after-sale", "on");
    await printer.off();
    await window.press("F2");
    await window.focused("code-field");
    await window.type(code);
    await window.press("Enter");
    await window.focused("order-field");
    await window.type("60");
    await window.tabTo("name-field");
    await window.type("Nia");
    await window.tabTo("contact-field");
    await window.type("nia@mail.example");
    await window.press("Enter");
    // 15 % off 60
    await window.says("counterfoil", "51.00");
    await window.focused("code-field");
    await window.shown("slips-waiting");
    printer = await startPrinter(printer.port);
    // It tries by itself ten seconds after it was in trouble, and then each time after twice as long.
    await window.until("the slip is on paper without a press", () => printer.paper().includes("51.00"), 60_000);
    await window.gone("slips-waiting");
  });
});
