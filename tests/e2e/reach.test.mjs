// For who sees little: letters of twice the size, on every screen, lose nothing sideways.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { desktop, freshFolder, oldTill, openWindow, terminal, walk } from "./harness.mjs";
import { initShop } from "./steps.mjs";

describe("letters of twice the size", { timeout: 120_000 }, () => {
  const { folder, remove } = freshFolder();
  const foil = terminal(folder);
  const step = walk(() => window);
  let window;
  let code;

  before(async () => {
    initShop(foil);
    foil("rules", "set", "--percent", "15", "--first-time-only");
    foil("referrer", "add", "--name", "Jane Whitfield-Castellanos", "--email", "jane.whitfield@castellanos-salon.example", "--generate");
    code = foil("lookup", "jane").hits[0].code;
    foil("redeem", code, "--order", "49.90", "--name", "Leo Marchetti", "--email", "leo@mail.example");
    window = await openWindow(folder);
    await window.focused("code-field");
    await window.letters(2);
  });
  after(async () => {
    await window?.close();
    remove();
  });

  async function whole(name) {
    const found = [];
    for (const size of [oldTill, desktop]) {
      await window.resize(size);
      await window.picture(`40-double-${name}-${size.width}`);
      for (const it of await window.beyond()) found.push(`${size.width}: ${it}`);
    }
    assert.deepEqual(found, [], name);
  }

  step("the counter, with its ticket", async () => {
    await window.type(code);
    await window.press("Enter");
    await window.focused("order-field");
    await window.type("49.90");
    await whole("ticket");
    await window.press("Escape");
    await window.shown("ask-yes");
    await whole("question");
    await window.tabTo("ask-yes");
    await window.press("Enter");
    await window.gone("ticket");
  });

  step("a person's page", async () => {
    await window.press("F6");
    await window.focused("referrer-search");
    await whole("referrers");
    await window.type("jane");
    await window.press("ArrowDown", "Enter");
    await window.says("code-card", code);
    await whole("person");
    await window.press("Escape");
  });

  const screens = { F3: "Phone lead", F7: "Leads", F8: "Cards", F9: "Import", F10: "Sync" };
  for (const [key, title] of Object.entries(screens)) {
    step(title, async () => {
      await window.press(key);
      await window.until(`${title} is shown`, () => window.run((title) => document.querySelector("h1").innerText.startsWith(title), title));
      await whole(title.toLowerCase().replace(" ", "-"));
    });
  }

  step("settings", async () => {
    await window.press(["Control", "k"]);
    await window.type("settings");
    await window.press("Enter");
    await window.shown("about");
    await whole("settings");
  });
});
