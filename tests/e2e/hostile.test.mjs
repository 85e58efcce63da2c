// A customer list full of hostile text in the real window on an old till: it stays text, it stays inside, and it can be sold with.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { freshFolder, oldTill, openWindow, terminal, walk } from "./harness.mjs";
import { initShop, openList, runImport } from "./steps.mjs";

const markup = `"><b>bold</b><img src=x onerror="document.title='gone'">`;
const people = [
  ["=HYPERLINK(\"http://x.example\",\"free\")", "formula@hostile.example"],
  [markup, "markup@hostile.example"],
  ["\u202eturned\u202c Name", "turned@hostile.example"],
  ["Zo\u200b\u200dë W\ufeffide", "unseen@hostile.example"],
  ["نور الهدى", "nour@hostile.example"],
  ["W".repeat(200), `${"w".repeat(60)}@hostile.example`],
  ["long".repeat(2560), "page@hostile.example"],
];
/** Quick, but slower than any scanner. */
const msPerKey = 45;
const quoted = (text) => `"${text.replaceAll('"', '""')}"`;

describe("hostile text on an old till", { timeout: 300_000 }, () => {
  const { folder, remove } = freshFolder();
  const foil = terminal(folder);
  const file = join(folder, `hostile <b>${"x".repeat(100)}.csv`);
  let window;

  before(async () => {
    writeFileSync(file, ["Name,Email,<b>Note</b>", ...people.map((row) => [...row, markup].map(quoted).join(","))].join("\n"));
    initShop(foil, `Shop ${markup}`);
    window = await openWindow(folder, oldTill);
  });
  after(async () => {
    await window?.close();
    remove();
  });

  const step = walk(() => window);

  /** Nothing became an element or ran, and nothing reaches out of the window or makes a page scroll sideways. */
  async function harmless(name) {
    await window.picture(`hostile-${name}`);
    const found = await window.run(() => {
      const clips = (it) => getComputedStyle(it).overflowX !== "visible";
      const clipped = (it) => it !== document.body && (clips(it) || clipped(it.parentElement));
      const named = (it) => `${it.tagName} ${it.className} ${it.innerText?.slice(0, 60)}`;
      const all = [...document.querySelectorAll("body, body *")].filter((it) => it.checkVisibility());
      return {
        foreign: [...document.querySelectorAll("b, img[src='x'], script:not([src])")].map(named),
        title: document.title,
        page: [document.documentElement, document.body].filter((it) => it.scrollWidth > innerWidth).map(named),
        outside: all.filter((it) => it.getBoundingClientRect().right > innerWidth + 1 && !clipped(it.parentElement)).map(named),
        // A table of somebody's columns may be moved sideways; nothing else has to be.
        sideways: all
          .filter((it) => ["auto", "scroll"].includes(getComputedStyle(it).overflowX) && it.scrollWidth > it.clientWidth + 1)
          .filter((it) => it.children[0]?.tagName !== "TABLE")
          .map(named),
      };
    });
    assert.deepEqual(found, { foreign: [], title: "Counterfoil", page: [], outside: [], sideways: [] }, name);
    assert.deepEqual(await window.barriers(), [], name);
  }

  step("the columns and the report show what it says", async () => {
    await window.focused("code-field");
    await openList(window, file, "referrers", msPerKey);
    await harmless("columns");
    await runImport(window);
    assert.equal(await window.text("import-added"), String(people.length - 1));
    assert.equal(await window.text("import-rejected"), "1", "a name of ten thousand letters is no name");
    await harmless("report");
  });

  step("the list and each person's page hold them", async () => {
    foil("code", "generate", "--all");
    await window.press("F6");
    await window.until("everybody is listed", () => window.run(() => document.querySelectorAll("[data-row]").length === 6));
    await window.gone("generate-all");
    await harmless("list");
    const names = await window.run(() => [...document.querySelectorAll("[data-row] strong")].map((it) => it.innerText));
    assert.ok(names.includes(markup) && names.includes("turned Name") && names.includes("Zoë Wide"), names.join("\n"));
    for (const [row, name] of names.entries()) {
      await window.run((row) => document.querySelector(`[data-row="${row}"]`).focus(), row);
      await window.press("Enter");
      await window.shown("code-card");
      await window.until("the name stands there", () => window.run((name) => document.querySelector("h1").innerText === name, name));
      await harmless(`person-${row}`);
      await window.press("Escape");
      await window.until("the list is back", () => window.run(() => document.querySelectorAll("[data-row]").length === 6));
    }
  });

  step("a sale is recorded with each, and hangs among today's", async () => {
    for (const [, email] of people.slice(0, 6)) {
      await window.press("F2");
      await window.focused("code-field");
      await window.type(email.slice(0, 24), msPerKey);
      await window.until("one is found", () => window.run(() => document.querySelectorAll('[data-testid="find-results"] [role="option"]').length === 1));
      await window.press("Enter");
      await window.focused("order-field");
      await window.type("49.90", msPerKey);
      await window.tabTo("name-field");
      await window.type(`<b>${email.slice(0, 4)}</b>${"y".repeat(60)}`, msPerKey);
      await window.tabTo("contact-field");
      await window.type(`new-${email}`, msPerKey);
      await harmless(`ticket-${email.slice(0, 4)}`);
      await window.press("Enter");
      await window.focused("code-field");
    }
    await window.run(() => document.querySelector(".drawer-open").focus());
    await window.press("Enter");
    await window.until("all hang there", () =>
      window.run(() => [...document.querySelectorAll('[data-testid="counterfoil"]')].filter((it) => it.checkVisibility()).length === 6),
    );
    await harmless("today");
  });
});
