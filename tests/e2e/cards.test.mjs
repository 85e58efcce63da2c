// Cards in the real window, by keys and a scanner alone: a list becomes cards on paper, a code is handed out, a card and then
// its batch are lost, and the counter asks until a manager says yes.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { freshFolder, openWindow, root, terminal, walk } from "./harness.mjs";
import { importList, newShop, scannedPages, standIns } from "./steps.mjs";

const referrers = join(root, "assets/practice/referrers.csv");
/** What a newcomer is promised. */
const twoMinutesMs = 120_000;

/** A printer that keeps what it is sent, and a viewer that says what it was given. */
function standInPrograms(folder) {
  const paper = join(folder, "paper.pdf");
  const viewed = join(folder, "viewed");
  standIns(folder, {
    lpstat: `case "$1" in -e) echo Office ;; -d) echo "system default destination: Office" ;; esac`,
    // The file is the last word, or comes on standard input.
    lp: `for last in "$@"; do :; done; if [ -f "$last" ]; then cat "$last"; else cat; fi >"${paper}"; echo "request id is Office-1"`,
    "xdg-open": `printf '%s\\n' "$@" >>"${viewed}"`,
  });
  return { paper, viewed };
}

describe("cards as stock", { timeout: 300_000 }, () => {
  const { folder, remove } = freshFolder();
  const { paper, viewed } = standInPrograms(folder);
  const foil = terminal(join(folder, "data"));
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
  const chosen = (text) =>
    window.until(`“${text}” has the focus`, async () => (await window.run(() => document.activeElement.innerText.trim())) === text);

  step("a new shop", () => newShop(window));

  step("from a list to cards on paper it takes no two minutes", async () => {
    const begun = Date.now();
    await importList(window, referrers);
    await window.press("F8");
    await window.says("cards-total", "60 cards on 6 sheets");
    await window.choose("template-label_l7160");
    await window.says("cards-total", "60 cards on 3 sheets");
    await window.choose("template-business_card");
    await window.says("cards-total", "60 cards on 6 sheets");
    await window.choose("show-code");
    await window.choose("show-both");
    await window.shown("preview");
    await window.tabTo("card-printer");
    await window.type("Office");
    await window.says("card-printer", "Office");
    await window.tabTo("print-cards");
    await window.press("Enter");
    await window.says("cards-total", "Everybody has a card");
    await window.until("the printer was sent the sheets", () => existsSync(paper) && readFileSync(paper).includes("%%EOF"));
    assert.ok(Date.now() - begun < twoMinutesMs, `${Date.now() - begun} ms`);
  });

  step("every QR code on paper is its code, and the run is batch 1", async () => {
    const { cards } = foil("batch", "show", "1");
    assert.equal(cards.length, 60);
    assert.deepEqual(scannedPages(paper).toSorted(), cards.map((card) => `counterfoil:${card.code}?batch=1`).toSorted());
    code = cards.find((card) => card.referrer === "Jane Doe").code;
    await window.press("F8");
    await window.pictures("cards-1-preview");
    await window.choose("batches-tab");
    await window.says("batch-1", /60 cards[^]*60 here/);
    await window.pictures("cards-2-batches");
  });

  step("a code can be handed out", async () => {
    await window.press("F6");
    await window.focused("referrer-search");
    await window.type("jane d");
    await window.press("ArrowDown", "Enter");
    await window.tabTo("hand-out");
    await window.press("Enter");
    await window.shown("hand-out-dialog");
    await window.choose("how-spoken");
    await window.tabTo("hand-out-save");
    await window.press("Enter");
    await window.gone("hand-out-dialog");
    await window.until("it stands in the history", () =>
      window.run(() => document.body.innerText.includes("Handed out: Spoken")),
    );
    assert.equal(await window.run(() => document.querySelector('[data-testid="code-card"] .grouped').innerText), code);
  });

  async function openBatch() {
    await window.press("F8");
    await window.choose("batches-tab");
    await window.tabTo("batch-1");
    await window.press("Enter");
    await window.shown("card-search");
  }

  step("one card is lost: the counter asks about it", async () => {
    const { referrer, code: lost } = foil("batch", "show", "1").cards.find((card) => card.code !== code);
    await openBatch();
    await window.tabTo("card-search");
    await window.type(referrer);
    await window.until("one card is left", async () => (await window.texts("mark-card")).length === 1);
    await window.tabTo("mark-card");
    await window.press("Enter");
    await chosen("Handed out");
    await window.press("ArrowDown");
    await chosen("Lost: ask at the counter");
    await window.press("Enter");
    await window.says("card-state", "lost");
    await window.focused("mark-card");
    await window.scan(`counterfoil:${lost}?batch=1`);
    await window.says("reasons", /lost/);
    await window.focused("order-field");
    await window.type("100");
    await window.press("Enter");
    await window.says("reasons", /lost/);
    assert.equal((await window.texts("counterfoil")).length, 0);
    await window.press("F5");
    await window.shown("manager-dialog");
    await window.press("Escape");
    await window.gone("manager-dialog");
    // What was typed is not thrown away unasked.
    await window.press("Escape");
    await window.shown("ask-yes");
    await window.tabTo("ask-yes");
    await window.press("Enter");
    await window.gone("ticket");
    await window.focused("code-field");
  });

  step("any other card counts", async () => {
    await window.scan(`counterfoil:${code}?batch=1`);
    await window.shown("ticket");
    await window.focused("order-field");
    assert.equal(await window.text("code-field"), code);
    assert.equal(await window.visible("reasons"), false);
    await window.press("Escape");
    await window.gone("ticket");
  });

  step("the batch is lost", async () => {
    await openBatch();
    await window.tabTo("mark-lost");
    await window.press("Enter");
    await window.shown("mark-dialog");
    await window.pictures("cards-3-lost");
    await window.type("Mina");
    await window.press("Enter");
    await window.gone("mark-dialog");
    await window.shown("take-back");
    await window.focused("batch-back");
    // From there the way back is two keys away.
    await window.press(["Shift", "Tab"], ["Shift", "Tab"]);
    await window.focused("toast-action");
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
    const { lost, redemptions } = foil("batch", "show", "1").batch;
    assert.deepEqual({ lost, redemptions }, { lost: 60, redemptions: 1 });
    await openBatch();
    await window.tabTo("take-back");
    await window.press("Enter");
    await window.gone("take-back");
    await window.focused("batch-back");
    await window.scan(`counterfoil:${code}?batch=1`);
    await window.shown("ticket");
    await window.gone("reasons");
  });

  step("the system's viewer, whose print dialog people know, is given a document that scans, and the run counts", async () => {
    await window.press("Escape");
    await window.gone("ticket");
    await window.press("F8");
    await window.choose("whom-all");
    await window.choose("template-perforated_c32011");
    await window.says("cards-total", "60 cards on 6 sheets");
    await window.tabTo("card-printer");
    await window.type("PDF");
    await window.says("card-printer", /^$/);
    await window.tabTo("print-cards");
    await window.press("Enter");
    await window.until("the viewer was asked", () => existsSync(viewed) && readFileSync(viewed, "utf8").endsWith("\n"));
    const [file, ...more] = readFileSync(viewed, "utf8").trimEnd().split("\n");
    assert.deepEqual(more, []);
    assert.equal(readFileSync(file).subarray(0, 5).toString(), "%PDF-");
    const { batch, cards } = foil("batch", "show", "2");
    assert.equal(batch.template, "perforated_c32011");
    assert.equal(cards.length, 60);
    assert.deepEqual(scannedPages(file).toSorted(), cards.map((card) => `counterfoil:${card.code}?batch=2`).toSorted());
    await window.choose("batches-tab");
    await window.says("batch-2", /60 cards[^]*60 here/);
  });
});
