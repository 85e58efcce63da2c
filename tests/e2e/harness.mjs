// The real window, driven as a person drives it: keys, what is on the screen, and a picture of it. Knows no job of the shop.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Key, remote } from "webdriverio";

export { Key, pause };

export const root = fileURLToPath(new URL("../..", import.meta.url));
const application = process.env.COUNTERFOIL_BINARY ?? join(root, "target/debug/counterfoil");
const driverBinary = process.env.TAURI_DRIVER ?? join(root, "target/tools/bin/tauri-driver");
export const foilBinary = join(dirname(application), "foil");
const screenshots = join(root, "screenshots");
const axe = readFileSync(join(root, "ui/node_modules/axe-core/axe.min.js"), "utf8");

/** A cold debug window on a busy two-core machine; a warm one needs under two seconds. */
const startMsMax = 60_000;
const waitMsMax = 15_000;
const closeMsMax = 5_000;

export const oldTill = { width: 1024, height: 600 };
export const desktop = { width: 1440, height: 900 };

/** A folder for one test's data, and the way to be rid of it. */
export function freshFolder() {
  const folder = mkdtempSync(join(tmpdir(), "counterfoil-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The desk of a folder in a terminal: gives what `foil` answers. */
export const terminal =
  (folder) =>
  (...args) => {
    const done = spawnSync(foilBinary, ["--data", folder, "--json", ...args], { encoding: "utf8" });
    assert.equal(done.status, 0, `foil ${args.join(" ")}: ${done.stdout}${done.stderr}`);
    return JSON.parse(done.stdout);
  };

/** Steps of one walk through `window()`. Each stands on the one before: after a failure the rest would only say the same again. */
export function walk(window) {
  let broken = false;
  return (name, what) =>
    test(name, async (context) => {
      if (broken) return context.skip("a step before it failed");
      try {
        await what();
      } catch (cause) {
        broken = true;
        const picture = await window()
          .picture("failed")
          .catch(() => "none");
        cause.message += `\nPicture: ${picture}`;
        throw cause;
      }
    });
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The driver between the tests and the window. One for each window keeps a broken one from spoiling the next. */
async function startDriver() {
  const [port, nativePort] = [await freePort(), await freePort()];
  const said = [];
  const child = spawn(driverBinary, ["--port", port, "--native-port", nativePort].map(String), {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (text) => said.push(text));
  child.stderr.on("data", (text) => said.push(text));
  child.once("error", (cause) => said.push(`${driverBinary}: ${cause.message}`));
  const deadline = Date.now() + startMsMax;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`tauri-driver did not start:\n${said.join("")}`);
    }
    const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => null);
    if (answer?.ok) break;
    await pause(50);
  }
  return {
    port,
    said: () => said.join(""),
    async stop() {
      child.kill("SIGTERM");
      await Promise.race([new Promise((done) => child.once("exit", done)), pause(5_000)]);
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    },
  };
}

/** Opens Counterfoil on a data folder. */
export async function openWindow(folder, size = desktop) {
  const driver = await startDriver();
  let browser;
  try {
    browser = await remote({
      hostname: "127.0.0.1",
      port: driver.port,
      logLevel: "error",
      connectionRetryCount: 0,
      connectionRetryTimeout: startMsMax,
      capabilities: {
        browserName: "wry",
        "tauri:options": { application, args: ["--data", folder] },
        "wdio:enforceWebDriverClassic": true,
      },
    });
  } catch (cause) {
    await driver.stop();
    const said = driver.said().split("\n").slice(0, 20).join("\n");
    throw new Error(`The window did not open:\n${said}`, { cause });
  }
  const window = new Window(browser, driver, folder);
  await window.resize(size);
  return window;
}

/** Starts Counterfoil once more where its window is open already: gives how it ended, by itself and soon. */
export async function secondStart(folder, ...given) {
  const child = spawn(application, ["--data", folder, ...given], { stdio: "ignore" });
  const ended = new Promise((done, failed) => child.once("error", failed).once("exit", (status, signal) => done(status ?? signal)));
  const late = setTimeout(() => child.kill("SIGKILL"), startMsMax);
  return ended.finally(() => clearTimeout(late));
}

/** How long ago a program started, in milliseconds, to the hundredth of a second that the system keeps. */
function ageMs(id) {
  const ticks = Number(readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\) /s, "").split(" ")[19]);
  return (Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) - ticks / 100) * 1000;
}

/** The programs that were started with this data folder: ours, since the folder is fresh. */
function processesOn(folder) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0").includes(folder);
      } catch {
        return false; // It ended while we looked.
      }
    })
    .map(Number);
}

/** Kills them, and says how many there were. */
function killAll(folder) {
  const ids = processesOn(folder);
  for (const id of ids) {
    try {
      process.kill(id, "SIGKILL");
    } catch (cause) {
      if (cause.code !== "ESRCH") throw cause; // It ended by itself meanwhile.
    }
  }
  return ids.length;
}

export class Window {
  #browser;
  #driver;
  #folder;

  constructor(browser, driver, folder) {
    this.#browser = browser;
    this.#driver = driver;
    this.#folder = folder;
  }

  async close() {
    await this.#browser.deleteSession().catch(() => {});
    // The driver answers before the program has ended. Stopped in between, it would leave it behind, and the test would wait for ever.
    const deadline = Date.now() + closeMsMax;
    while (processesOn(this.#folder).length > 0 && Date.now() < deadline) await pause(20);
    killAll(this.#folder);
    await this.#driver.stop();
  }

  /** What the window and its driver wrote where a terminal would show it. */
  said() {
    return this.#driver.said();
  }

  /** Closes the window as a person does, and waits until its program has ended. */
  async quit() {
    const asked = spawnSync("/usr/bin/python3", [join(root, "tests/e2e/close_window.py"), ...processesOn(this.#folder).map(String)], { encoding: "utf8" });
    assert.equal(asked.status, 0, asked.stderr);
    const deadline = Date.now() + waitMsMax;
    while (processesOn(this.#folder).length > 0) {
      if (Date.now() > deadline) throw new Error("The window is still there.");
      await pause(40);
    }
    await this.close();
  }

  /** Pulls the plug: the program dies in the middle of whatever it does, as in a power cut. */
  async kill() {
    if (killAll(this.#folder) === 0) throw new Error("There was no program to kill.");
    await this.close();
  }

  /** The window's own program: when it started (on the page's clock) and what memory is its alone or its share. */
  program() {
    const [id] = processesOn(this.#folder);
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"));
    return { startedAt: Date.now() - ageMs(id), memoryMb: Number(kilobytes[1]) / 1024 };
  }

  async resize({ width, height }) {
    await this.#browser.setWindowSize(width, height);
    await this.until(`the window is ${width}×${height}`, async () => {
      const [w, h] = await this.run(() => [innerWidth, innerHeight]);
      return Math.abs(w - width) <= 2 && Math.abs(h - height) <= 2;
    });
  }

  /** Runs a function inside the page. Only for looking; the tests act by keys. */
  run(what, ...given) {
    return this.#browser.execute(what, ...given);
  }

  /** Waits until `what` holds, and says in the failure what was on the screen instead. */
  async until(what, holds, msMax = waitMsMax) {
    const deadline = Date.now() + msMax;
    let cause;
    for (;;) {
      try {
        const found = await holds();
        if (found) return found;
        cause = undefined;
      } catch (thrown) {
        cause = thrown;
      }
      if (Date.now() > deadline) {
        const text = await this.run(() => document.body.innerText).catch(() => "(no answer from the page)");
        const focus = await this.focus().catch(() => "?");
        throw new Error(`Waited ${msMax} ms in vain until ${what}.\nFocus: ${focus}\nOn the screen:\n${text}`, cause && { cause });
      }
      await pause(40);
    }
  }

  /** The test id, or else the id or the tag, of what has the focus. */
  focus() {
    return this.run(() => {
      const it = document.activeElement;
      return it?.getAttribute("data-testid") ?? (it?.id || it?.tagName.toLowerCase() || "");
    });
  }

  focused(id) {
    return this.until(`“${id}” has the focus`, async () => (await this.focus()) === id);
  }

  visible(id) {
    return this.run((id) => {
      const it = document.querySelector(`[data-testid="${CSS.escape(id)}"]`);
      return Boolean(it?.checkVisibility());
    }, id);
  }

  shown(id) {
    return this.until(`“${id}” is shown`, () => this.visible(id));
  }

  gone(id) {
    return this.until(`“${id}” is gone`, async () => !(await this.visible(id)));
  }

  /** The text of the first element with this test id, or of the field if it is one. */
  text(id) {
    return this.run((id) => {
      const it = document.querySelector(`[data-testid="${CSS.escape(id)}"]`);
      return it instanceof HTMLInputElement || it instanceof HTMLSelectElement ? it.value : (it?.innerText ?? "");
    }, id);
  }

  texts(id) {
    return this.run(
      (id) => [...document.querySelectorAll(`[data-testid="${CSS.escape(id)}"]`)].map((it) => it.innerText),
      id,
    );
  }

  /** Waits until the text of a test id holds `wanted`, a string or a pattern. */
  says(id, wanted) {
    return this.until(`“${id}” says ${wanted}`, async () => {
      const text = await this.text(id);
      return wanted instanceof RegExp ? wanted.test(text) : text.includes(wanted);
    });
  }

  /** Types like a person: a key at a time, slower than any scanner. */
  async type(text, msPerKey = 70) {
    const keys = this.#browser.action("key");
    for (const key of text) keys.down(key).pause(15).up(key).pause(Math.max(1, msPerKey - 15));
    await keys.perform();
  }

  /** Presses keys one after the other: `press("Tab", "Enter")`; a chord is a list: `press(["Control", "k"])`. */
  async press(...strokes) {
    for (const stroke of strokes) {
      const chord = [stroke].flat().map((name) => Key[name] ?? name);
      const keys = this.#browser.action("key");
      for (const key of chord) keys.down(key);
      keys.pause(20);
      for (const key of chord.toReversed()) keys.up(key);
      await keys.pause(40).perform();
    }
  }

  /** Empties the field that has the focus, and types into it. */
  async retype(text, msPerKey) {
    await this.press(["Control", "a"], "Delete");
    await this.type(text, msPerKey);
  }

  /** A bar code scanner: real key presses of the display server, five milliseconds apart, with Enter at the end. */
  async scan(code) {
    await new Promise((done, failed) => {
      const keys = ["type", "--args", "1", "--delay", "5", code, "key", "Return"];
      const child = spawn("xdotool", keys, { stdio: "ignore" });
      child.once("error", failed);
      child.once("exit", (status) => (status === 0 ? done() : failed(new Error(`xdotool ended with ${status}`))));
    });
  }

  /** Tabs forward until the test id has the focus, as someone without a mouse would. */
  tabTo(id, keysMax = 40) {
    return this.#tab(`“${id}”`, keysMax, async () => (await this.focus()) === id);
  }

  /** The same by the name that is read out: what is written on it, or its label. */
  tabToNamed(name, keysMax = 40) {
    const named = (name) => {
      const it = document.activeElement;
      return it !== document.body && (it.getAttribute("aria-label") ?? it.innerText.trim()) === name;
    };
    return this.#tab(`“${name}”`, keysMax, () => this.run(named, name));
  }

  /** Chooses one of a group: by Tab to where the group is entered, by the arrows to the one that is meant. */
  async choose(id) {
    const among = (id) =>
      document.activeElement.closest('[role="radiogroup"], [role="group"], [role="tablist"]')?.querySelector(`[data-testid="${CSS.escape(id)}"]`) != null;
    await this.#tab(`the group of “${id}”`, 40, () => this.run(among, id));
    for (let keys = 0; (await this.focus()) !== id; keys++) {
      assert.ok(keys < 20, `no arrow led to “${id}”`);
      await this.press("ArrowRight");
    }
    const taken = () => this.run(() => ["on", "checked", "active"].includes(document.activeElement.dataset.state));
    if (!(await taken())) await this.press("Space");
    await this.until(`“${id}” is chosen`, taken);
  }

  async #tab(what, keysMax, reached) {
    for (let keys = 0; keys < keysMax; keys++) {
      if (await reached()) return;
      await this.press("Tab");
      await this.until("somebody sees where the focus is", () => this.#focusSeen());
    }
    throw new Error(`${what} was not reached by ${keysMax} presses of Tab; the focus is on “${await this.focus()}”`);
  }

  /** A ring around what has the focus, inside the window, and nothing over it. Past the last stop nothing has it. */
  #focusSeen() {
    return this.run(() => {
      const it = document.activeElement;
      if (it === document.body) return true;
      const ringed = (one) => getComputedStyle(one).outlineStyle !== "none" && parseFloat(getComputedStyle(one).outlineWidth) > 0;
      const { left, top, right, bottom } = it.getBoundingClientRect();
      const [x0, y0, x1, y1] = [Math.max(left, 0), Math.max(top, 0), Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
      const over = document.elementFromPoint((x0 + x1) / 2, (y0 + y1) / 2);
      return (ringed(it) || ringed(it.parentElement)) && x0 < x1 && y0 < y1 && (it.contains(over) || over?.contains(it));
    });
  }

  async click(id) {
    await this.shown(id);
    await (await this.#browser.$(`[data-testid="${id}"]`)).click();
  }

  /** A button, tab or choice by the words on it, or how they begin. */
  async clickText(selector, text) {
    const found = await this.until(`“${text}” can be clicked`, async () => {
      for (const it of await this.#browser.$$(selector)) {
        const words = (await it.getText()).trim();
        if (text instanceof RegExp ? text.test(words) : words === text) return it;
      }
      return null;
    });
    await found.click();
  }

  /** A picture of what a person sees now, once it is painted: two frames and a moment. Gives its name. */
  async picture(name) {
    await this.#browser.executeAsync((done) => {
      const still = () => document.getAnimations().every((it) => it.playState !== "running");
      const look = (left) =>
        requestAnimationFrame(() =>
          requestAnimationFrame(() => (still() || left === 0 ? setTimeout(done, 50) : look(left - 1))),
        );
      look(60);
    });
    const file = join(screenshots, `${name}.png`);
    mkdirSync(screenshots, { recursive: true });
    writeFileSync(file, Buffer.from(await this.#browser.takeScreenshot(), "base64"));
    return `screenshots/${name}.png`;
  }

  /** What bars somebody from using what is on the screen, colours as they are painted here, each with its place. */
  async barriers() {
    if (!(await this.run(() => "axe" in globalThis))) await this.run(axe);
    const { violations, error } = await this.#browser.executeAsync((done) => {
      // bits-ui keeps an empty option list beside a closed field.
      const rules = { "aria-required-children": { enabled: false } };
      globalThis.axe.run(document, { rules }).then(done, (cause) => done({ error: String(cause) }));
    });
    assert.equal(error, undefined, `axe: ${error}`);
    return violations.flatMap(({ id, nodes }) => nodes.map((it) => `${id}: ${it.html.slice(0, 200)}\n  ${it.failureSummary}`));
  }

  /** What a toast lies over, of all that is there to be read or pressed. */
  #covered() {
    return this.run(() => {
      const box = document.querySelector(".toast")?.getBoundingClientRect();
      if (!box) return [];
      const under = (it) => {
        const { left, top, right, bottom } = it.getBoundingClientRect();
        return left < box.right && right > box.left && top < box.bottom && bottom > box.top;
      };
      return [...document.querySelectorAll(":is(.page, aside, .job)")].filter(under).map((it) => `a toast lies over ${it.className}`);
    });
  }

  /** What a thumb would miss: everything that is pressed or typed into is 44 px high and wide, by itself or with what belongs to it. */
  missed() {
    return this.run(() => {
      const pressed = ":is(button, a[href], input, select, textarea, [role=button], [role=option], [role=menuitem], [role=radio], [role=tab], [role=switch])";
      const small = (it) => {
        const { width, height } = it.getBoundingClientRect();
        // Some reach further than they look.
        const around = getComputedStyle(it, "::after");
        const further = around.content !== "none" && around.position === "absolute" ? [around.width, around.height].map(parseFloat) : [0, 0];
        return Math.max(width, further[0]) < 43.5 || Math.max(height, further[1]) < 43.5;
      };
      return [...document.querySelectorAll(`${pressed}:not([aria-hidden=true])`)]
        .filter((it) => it.checkVisibility() && small(it) && small(it.closest("label, .input") ?? it))
        .map((it) => `too small to be pressed: ${it.outerHTML.slice(0, 160)}`);
    });
  }

  /** Letters of so many times the size, as the system asks for them: what is measured by the letter grows, and with it where screens give way. */
  letters(times) {
    return this.run((times) => {
      document.documentElement.style.fontSize = `${100 * times}%`;
      const grow = (rules) => {
        for (const rule of rules) {
          if (rule instanceof CSSMediaRule) rule.media.mediaText = rule.media.mediaText.replace(/([\d.]+)em/g, (_, size) => `${times * size}em`);
          if (rule.cssRules) grow(rule.cssRules);
        }
      };
      for (const sheet of document.styleSheets) grow(sheet.cssRules);
    }, times);
  }

  /** What can be reached only by scrolling sideways, or not at all. */
  beyond() {
    return this.run(() => {
      const wide = (it) => it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0 && /auto|scroll/.test(getComputedStyle(it).overflowX);
      const out = (it) => it.checkVisibility() && it.getBoundingClientRect().right > innerWidth + 1;
      const named = (it) => it.outerHTML.slice(0, 120);
      return [
        ...[document.documentElement, ...document.querySelectorAll("#app *, [role=dialog] *")].filter(wide).map((it) => `scrolls sideways (${it.scrollWidth} in ${it.clientWidth}): ${named(it)}`),
        ...[...document.querySelectorAll(":is(#app, [role=dialog]) :is(button, input, h1, h2, p)")].filter(out).map((it) => `ends outside the window: ${named(it)}`),
      ];
    });
  }

  /** A picture in both looks and both sizes, with no barrier in any of them and nothing covered; ends as it began: large and light. Gives their names. */
  async pictures(name) {
    const [barriers, taken] = [[], []];
    for (const [size, at] of [
      [oldTill, "1024x600"],
      [desktop, "1440x900"],
    ]) {
      await this.resize(size);
      for (const look of ["dark", "light"]) {
        await this.run((look) => {
          document.documentElement.setAttribute("data-look", look);
          document.activeElement.scrollIntoView({ block: "nearest" });
        }, look);
        taken.push(await this.picture(`${name}-${at}-${look}`));
        for (const it of [...(await this.barriers()), ...(await this.#covered()), ...(await this.missed())]) barriers.push(`${at} ${look} ${it}`);
      }
    }
    assert.deepEqual(barriers, [], `What bars somebody on “${name}”:\n${barriers.join("\n")}`);
    return taken;
  }
}
