// A code reaches its person in the real window: turned towards the customer, and on a slip that waits for its printer.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe } from "node:test";
import { freshFolder, openWindow, terminal, walk } from "./harness.mjs";

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
  const { folder, remove } = freshFolder();
  const foil = terminal(folder);
  const step = walk(() => window);
  let window;
  let printer;
  let code;

  before(async () => {
    foil("init", "--shop", "Harbour Street Salon", "--currency", "EUR", "--timezone", "Europe/Berlin");
    foil("rules", "set", "--percent", "15");
    foil("referrer", "add", "--name", "Jane Whitfield", "--email", "jane@salon.example", "--generate");
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

  step("F4 finds the person, and every way is there", async () => {
    await window.focused("code-field");
    await window.press("F4");
    await window.focused("hand-out-whom");
    await window.type("jane");
    await window.until("she is found", () => window.run(() => document.body.innerText.includes("Jane Whitfield")));
    await window.press("Enter");
    await window.says("hand-out-code", code);
    await window.pictures("30-hand-out");
  });

  step("the customer's page shows the code and nobody's name, and goes by Esc", async () => {
    await window.click("way-screen");
    await window.shown("customer-page");
    await window.says("customer-page", code);
    assert.doesNotMatch(await window.text("customer-page"), /Jane|Whitfield|salon\.example/);
    await window.pictures("31-customer-page");
    await window.press("Escape");
    await window.gone("customer-page");
    assert.match(JSON.stringify(handouts()), /"screen"/);
  });

  step("her code goes to the slip printer, and that is on record too", async () => {
    await window.press("F4");
    await window.focused("hand-out-whom");
    await window.type("jane");
    await window.until("she is found", () => window.run(() => document.body.innerText.includes("Jane Whitfield")));
    await window.press("Enter");
    await window.focused("way-screen");
    await window.click("way-slip");
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
    await window.clickText("button", "Print again");
    await window.until("the slip is on paper", () => printer.paper().includes("17.00"));
    await window.gone("slips-waiting");
  });
});
