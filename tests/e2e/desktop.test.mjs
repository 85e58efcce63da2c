// What takes a window manager, which the other walks do without: filling the screen, and coming to the front.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { freshFolder, oldTill, openWindow, secondStart, terminal, walk } from "./harness.mjs";
import { handOutTo, initShop, run } from "./steps.mjs";

/** The screen that these walks have. */
const whole = { X: 0, Y: 0, WIDTH: 1600, HEIGHT: 1000 };

const windowId = () => run("xdotool", "search", "--onlyvisible", "--name", "^Counterfoil$").trim();

/** Where the window is, as the display server sees it. */
function place() {
  const told = run("xdotool", "getwindowgeometry", "--shell", windowId()).matchAll(/^(X|Y|WIDTH|HEIGHT)=(-?\d+)$/gm);
  return Object.fromEntries([...told].map(([, name, number]) => [name, Number(number)]));
}

describe("on a desktop", { timeout: 120_000 }, () => {
  const { folder, remove } = freshFolder();
  const foil = terminal(folder);
  const step = walk(() => window);
  let manager;
  let window;

  before(async () => {
    manager = spawn("openbox", ["--sm-disable"], { stdio: "ignore" });
    initShop(foil);
    foil("referrer", "add", "--name", "Jane Whitfield", "--email", "jane@salon.example", "--generate");
    window = await openWindow(folder, oldTill);
    await window.focused("code-field");
  });
  after(async () => {
    await window?.close();
    manager?.kill();
    remove();
  });

  step("without a second monitor the customer's page fills the screen, and Esc gives the window back as it was", async () => {
    const before = place();
    assert.notDeepEqual(before, whole);
    await handOutTo(window, "jane", "Jane Whitfield");
    await window.press("Enter");
    await window.shown("customer-page");
    await window.until("the screen is filled", () => isDeepStrictEqual(place(), whole));
    await window.press("Escape");
    await window.gone("customer-page");
    await window.until("it is as it was", () => isDeepStrictEqual(place(), before));
  });

  step("a second start brings back the window that was put away", async () => {
    const id = windowId();
    run("xdotool", "windowminimize", "--sync", id);
    assert.equal(await secondStart(folder), 0);
    await window.until("it has the keyboard", () => run("xdotool", "getactivewindow").trim() === id);
  });
});
