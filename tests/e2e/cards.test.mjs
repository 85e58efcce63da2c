// Cards in the real window: a sheet is printed, a code handed out, a batch lost, and the counter asks until a manager says yes.
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, describe } from "node:test";
import { freshFolder, openWindow, root, walk } from "./harness.mjs";

const referrers = join(root, "assets/practice/referrers.csv");

/** A printer that keeps what it is sent. Stands before the system's own commands, if there are any. */
function standInPrinter(folder) {
  const bin = join(folder, "bin");
  const paper = join(folder, "paper.pdf");
  mkdirSync(bin);
  const script = (name, text) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  script("lpstat", `case "$1" in -e) echo Office ;; -d) echo "system default destination: Office" ;; esac`);
  // The file is the last word, or comes on standard input.
  script("lp", `for last in "$@"; do :; done; if [ -f "$last" ]; then cat "$last"; else cat; fi >"${paper}"; echo "request id is Office-1"`);
  process.env.PATH = bin + delimiter + process.env.PATH;
  return paper;
}

describe("cards as stock", { timeout: 300_000 }, () => {
  const { folder, remove } = freshFolder();
  const paper = standInPrinter(folder);
  let window;
  let code;

  before(async () => {
    window = await openWindow(join(folder, "data"));
  });
  after(async () => {
    await window?.close();
    remove();
  });

  const step = walk(() => window);

  step("a shop with people in it, and nothing printed yet", async () => {
    await window.focused("shop-name");
    await window.type("Harbour Street Salon");
    await window.tabTo("currency");
    await window.retype("EUR");
    await window.press("Enter");
    await window.tabTo("coupon-value");
    await window.retype("15");
    await window.tabTo("open-shop");
    await window.press("Enter");
    await window.focused("code-field");
    await window.press("F9");
    await window.click("import-referrers");
    if (!(await window.visible("import-path"))) await window.click("import-type-path");
    await window.click("import-path");
    await window.retype(referrers, 40);
    await window.press("Enter");
    await window.shown("import-run");
    await window.click("import-run");
    await window.shown("import-report");
    await window.press("F8");
    await window.says("cards-total", "60 cards on 6 sheets");
  });

  step("what is chosen is drawn", async () => {
    await window.shown("preview");
    await window.pictures("cards-1-preview");
    await window.click("template-label_l7160");
    await window.says("cards-total", "60 cards on 3 sheets");
    await window.click("template-business_card");
    await window.says("cards-total", "60 cards on 6 sheets");
  });

  step("a sheet is printed, and is batch 1", async () => {
    await window.run(() => {
      const printer = document.querySelector("select.printer");
      printer.value = "Office";
      printer.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await window.click("print-cards");
    if (await window.visible("ask-yes")) await window.click("ask-yes");
    await window.says("cards-total", "Everybody has a card");
    await window.until("the printer was sent the sheets", () => existsSync(paper) && statSync(paper).size > 0);
    assert.equal(readFileSync(paper).subarray(0, 5).toString("latin1"), "%PDF-");
    await window.clickText('[role="tab"]', "Batches");
    await window.says("batch-1", /60 cards[^]*60 here/);
    await window.pictures("cards-2-batches");
  });

  step("everybody's code exists now, and can be handed out", async () => {
    await window.press("F6");
    await window.click("referrer-search");
    await window.type("jane d");
    await window.press("ArrowDown", "Enter");
    await window.click("hand-out");
    await window.shown("hand-out-dialog");
    await window.clickText('[role="radio"]', "Spoken");
    await window.click("hand-out-save");
    await window.gone("hand-out-dialog");
    await window.until("it stands in the history", () =>
      window.run(() => document.body.innerText.includes("Handed out: Spoken")),
    );
    code = await window.run(() => document.querySelector('[data-testid="code-card"] .grouped').innerText);
    assert.match(code, /^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
  });

  step("a scanned card counts", async () => {
    await window.scan(`counterfoil:${code}?batch=1`);
    await window.shown("ticket");
    await window.focused("order-field");
    assert.equal(await window.text("code-field"), code);
    assert.equal(await window.visible("reasons"), false);
    await window.press("Escape");
    await window.gone("ticket");
  });

  step("the batch is lost", async () => {
    await window.press("F8");
    await window.clickText('[role="tab"]', "Batches");
    await window.click("batch-1");
    await window.click("mark-lost");
    await window.shown("mark-dialog");
    await window.pictures("cards-3-lost");
    await window.type("Mina");
    await window.press("Enter");
    await window.gone("mark-dialog");
    await window.shown("take-back");
  });

  step("the counter asks, and records nothing by itself", async () => {
    await window.scan(`counterfoil:${code}?batch=1`);
    await window.says("reasons", /lost/);
    await window.focused("order-field");
    await window.type("100");
    await window.press("Enter");
    await window.says("reasons", /lost/);
    await window.pictures("cards-4-asks");
    assert.equal((await window.texts("counterfoil")).length, 0);
  });

  step("a manager says yes", async () => {
    await window.press("F5");
    await window.shown("manager-dialog");
    await window.type("Mina");
    await window.press("Tab");
    await window.type("Knows the customer");
    await window.press("Enter");
    await window.says("counterfoil", "85");
    await window.focused("code-field");
  });

  step("the sale stands with its batch, and the cards are found again", async () => {
    await window.press("F8");
    await window.clickText('[role="tab"]', "Batches");
    await window.says("batch-1", /60 lost[^]*1/);
    await window.click("batch-1");
    await window.click("take-back");
    await window.gone("take-back");
    await window.scan(`counterfoil:${code}?batch=1`);
    await window.shown("ticket");
    await window.gone("reasons");
  });
});
