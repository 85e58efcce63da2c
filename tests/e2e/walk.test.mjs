// A day at the counter in the real window: from the first start to the restart after a power cut.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { freshFolder, openWindow, root, secondStart, walk } from "./harness.mjs";
import { importList, newShop, scanned } from "./steps.mjs";

const referrers = join(root, "assets/practice/referrers.csv");
const customers = readFileSync(join(root, "assets/practice/customers.csv"), "utf8");
const changelog = readFileSync(join(root, "assets/CHANGELOG.md"), "utf8");
const sentences = JSON.parse(readFileSync(join(root, "assets/sentences/en.json"), "utf8"));

describe("a day at the counter", { timeout: 300_000 }, () => {
  const { folder, remove } = freshFolder();
  let window;
  let code;

  before(async () => {
    window = await openWindow(folder);
  });
  after(async () => {
    await window?.close();
    remove();
  });

  const step = walk(() => window);

  step("the first start asks for the shop, once", async () => {
    await window.focused("shop-name");
    await window.pictures("1-first-run");
    await newShop(window);
    await window.pictures("2-empty-counter");
  });

  step("a customer list that the shop already has comes in", async () => {
    await importList(window, referrers, "referrers");
    assert.equal(await window.text("import-added"), "60");
    assert.equal(await window.text("import-rejected"), "0");
    await window.pictures("3-imported");
    // Jane, whose code it will be, is an existing customer too.
    const known = join(folder, "customers.csv");
    writeFileSync(known, `${customers.trimEnd()}\nJane Doe,jane@salon.example,\n`);
    await importList(window, known, "customers");
    await importList(window, referrers, "referrers");
    assert.equal(await window.text("import-added"), "0", "the same file twice adds nobody");
    assert.equal(await window.text("import-unchanged"), "60");
  });

  step("rows that can't be used are listed with their reason, and the rest comes in", async () => {
    const path = join(folder, "mixed.csv");
    writeFileSync(path, "Name,Email,Phone\nNobody Reachable,,\n=HYPERLINK(0),formula@list.example,\n");
    await importList(window, path, "referrers");
    assert.equal(await window.text("import-added"), "1");
    assert.equal(await window.text("import-rejected"), "1");
    await window.pictures("4-rejected-row");
  });

  step("everybody gets a code", async () => {
    await window.press("F6");
    await window.click("generate-all");
    if (await window.visible("ask-yes")) await window.click("ask-yes");
    await window.gone("generate-all");
    await window.pictures("5-referrers");
  });

  step("a person is found by half a name with a misheard letter", async () => {
    await window.press("F2");
    await window.focused("code-field");
    await window.type("jayne d");
    await window.says("find-results", "Jane Doe");
    await window.pictures("6-found");
    await window.press("Enter");
    await window.shown("ticket");
    await window.focused("order-field");
    code = await window.text("code-field");
    assert.match(code, /^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
  });

  step("a refusal is a sentence that can be read aloud", async () => {
    await window.type("49.90");
    await window.tabTo("name-field");
    await window.type("Leo Marchetti");
    await window.tabTo("contact-field");
    await window.type("leo@old.example");
    const reasons = () => window.run(() => [...document.querySelectorAll('[data-testid="reasons"] li')].map((it) => it.innerText));
    const listed = sentences["reason.not_first_time_listed"];
    await window.shown("reasons");
    assert.deepEqual(await reasons(), [listed]);
    await window.pictures("7-refused");
    // The referrer's own address, which is on the list too: two reasons at once are both said.
    await window.retype("JANE@salon.example");
    await window.says("reasons", sentences["reason.own_code"]);
    assert.deepEqual((await reasons()).toSorted(), [listed, sentences["reason.own_code"]].toSorted());
  });

  step("a sale with a code is recorded by keyboard alone", async () => {
    await window.retype("nina@mail.example");
    await window.gone("reasons");
    await window.pictures("8-allowed");
    await window.press("Enter");
    await window.says("counterfoil", "42.41"); // 49.90 less 15 %, half up: 7.49 off.
    await window.focused("code-field");
    assert.equal(await window.text("code-field"), "");
    await window.pictures("9-recorded");
  });

  step("somebody on the phone is kept as a lead, and the code is read back to them", async () => {
    await window.press("F3");
    await window.focused("lead-referrer");
    await window.type("jane d");
    await window.until("she is found", () => window.run(() => document.body.innerText.includes("Jane Doe")));
    await window.press("ArrowDown", "Enter");
    await window.focused("lead-name");
    await window.says("read-back", code);
    await window.type("Ruth Kim");
    await window.tabTo("lead-email");
    await window.type("ruth@kim.example");
    await window.pictures("13-phone-lead");
    await window.press("Enter");
    await window.says("lead-saved", "Ruth Kim");
    await window.focused("lead-referrer");
    await window.pictures("14-lead-saved");
  });

  step("a person's page shows the code so that any reader can read it", async () => {
    await window.press("F6");
    await window.focused("referrer-search");
    await window.type("jane d");
    await window.press("ArrowDown", "Enter");
    await window.says("code-card", code);
    for (const picture of await window.pictures("15-person")) {
      assert.deepEqual(scanned(join(root, picture)), [code], picture);
    }
    await window.press("Escape");
    await window.focused("referrer-search");
    await window.press(["Control", "a"], "Delete");
  });

  step("settings say what Counterfoil is, and what is new in it", async () => {
    await window.press(["Control", "k"]);
    await window.type("settings");
    await window.press("Enter");
    await window.shown("about");
    await window.pictures("16-settings");
    await window.tabTo("licences", 80);
    await window.press("Enter");
    await window.says("about", "SQLite");
    // The version stands in the heading too; what is new in it, only in the changelog.
    await window.says("about", /^### (.+)$/m.exec(changelog)[1]);
    await window.pictures("17-about");
    await window.press("F2");
  });

  step("a scan lands in the code field wherever the focus is", async () => {
    await window.press("F6");
    await window.scan(code.replace("-", ""));
    await window.shown("ticket");
    await window.focused("order-field");
    assert.equal(await window.text("code-field"), code);
    await window.press("Escape");
    await window.gone("ticket");
  });

  step("a mistyped code is answered with the nearest one", async () => {
    const last = code.at(-1) === "7" ? "8" : "7";
    await window.type(code.slice(0, -1) + last);
    await window.press("Enter");
    await window.says("ticket", code);
    await window.pictures("10-nearest");
    await window.press("Escape");
    await window.gone("ticket");
  });

  step("Enter pressed five times records one sale", async () => {
    await window.type(code);
    await window.press("Enter");
    await window.focused("order-field");
    await window.type("30");
    await window.tabTo("contact-field");
    await window.type("omar@mail.example");
    await window.press("Enter", "Enter", "Enter", "Enter", "Enter");
    await window.until("two counterfoils hang there", async () => (await window.texts("counterfoil")).length === 2);
    await window.focused("code-field");
    await window.press("Escape");
    assert.equal((await window.texts("counterfoil")).length, 2);
  });

  step("a sale is undone by keyboard alone, with its reason, and stays in sight", async () => {
    const chosen = () => window.run(() => document.activeElement.innerText.trim());
    await window.tabTo("foil-more");
    await window.press("Enter");
    await window.until("the menu has the focus", async () => (await chosen()) === "Slip");
    await window.press("ArrowDown");
    await window.until("“Undo…” has the focus", async () => (await chosen()) === "Undo…");
    await window.press("Enter");
    await window.shown("undo-dialog");
    await window.focused("reason-field");
    await window.type("Wrong amount typed");
    await window.pictures("11-undo");
    await window.press("Enter");
    await window.gone("undo-dialog");
    await window.says("counterfoil", /undone/i);
    await window.focused("code-field");
  });

  step("a second start with the same folder ends, and this window takes what it was asked", async () => {
    await window.press("F6");
    await window.gone("code-field");
    assert.equal(await secondStart(folder), 0);
    await window.shown("referrer-search");
    assert.equal(await secondStart(folder, `counterfoil:${code}`), 0);
    await window.shown("ticket");
    assert.equal(await window.text("code-field"), code);
    await window.press("Escape");
    await window.gone("ticket");
  });

  step("another folder has a window of its own beside this one", async () => {
    const { folder, remove } = freshFolder();
    const other = await openWindow(folder);
    try {
      await other.focused("shop-name");
      assert.equal(await window.visible("code-field"), true, "the first window stays as it is");
    } finally {
      await other.close();
      remove();
    }
  });

  step("after a power cut everything that was confirmed is there", async () => {
    const before = await window.texts("counterfoil");
    const copies = readdirSync(join(folder, "backups")).filter((name) => name.endsWith("-daily.db"));
    assert.equal(copies.length, 1, "the window has made the copy of the day by now");
    await window.kill();
    window = await openWindow(folder);
    await window.focused("code-field");
    await window.until("today's counterfoils are back", async () => (await window.texts("counterfoil")).length === 2);
    assert.deepEqual(await window.texts("counterfoil"), before);
    await window.type(code.slice(0, 4));
    await window.says("find-results", "Jane Doe");
    await window.pictures("12-after-restart");
    await window.press("Enter");
    await window.shown("ticket");
    assert.equal(await window.text("code-field"), code);
  });
});
