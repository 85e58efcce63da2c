// What several walks do, by keys alone. A native dialog for a file can't be driven here, so the file is named by typing its path.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that stand before the system's own of the same name, if there are any: the words of a shell by the name. */
export function standIns(folder, scripts) {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  process.env.PATH = bin + delimiter + process.env.PATH;
}

/** Runs a program and gives what it said. */
export function run(program, ...args) {
  const done = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(done.status, 0, `${program}: ${done.stderr}`);
  return done.stdout;
}

/** What an independent reader finds in pictures. */
export const scanned = (...pictures) => run("zbarimg", "--raw", "--quiet", ...pictures).trim().split("\n");

/**
 * And on a document's pages, on paper. Looked at from two distances: on a page of ten the reader misses one now and then, and what
 * only the second look finds is added, so that a code that stands there twice is still seen twice.
 */
export function scannedPages(pdf) {
  const folder = `${pdf}-pages`;
  mkdirSync(folder);
  const looked = (dpi) => {
    run("pdftoppm", "-r", dpi, "-gray", pdf, join(folder, dpi));
    return scanned(...readdirSync(folder).flatMap((name) => (name.startsWith(dpi) ? [join(folder, name)] : [])));
  };
  const near = looked("300");
  return [...near, ...looked("230").filter((code) => !near.includes(code))];
}

/** The first start of the window up to the counter: a shop in Berlin, in euros, with 15 % off. */
export async function newShop(window) {
  await window.focused("shop-name");
  await window.type("Harbour Street Salon");
  await window.tabTo("currency");
  await window.retype("EUR");
  await window.press("Enter");
  await window.says("currency", "EUR");
  await window.tabTo("timezone");
  await window.retype("Berlin");
  await window.press("Enter");
  await window.says("timezone", "Europe/Berlin");
  await window.tabTo("coupon-value");
  await window.retype("15");
  await window.tabTo("open-shop");
  await window.press("Enter");
  await window.focused("code-field");
}

/** The same shop in a terminal, without a coupon. */
export const initShop = (foil, name = "Harbour Street Salon") => foil("init", "--shop", name, "--currency", "EUR", "--timezone", "Europe/Berlin");

/** Whether the badge says that everything is uploaded. */
export const badgeIsGreen = (window) =>
  window.run(() => Boolean(document.querySelector('[data-testid="sync-badge"]')?.classList.contains("good")));

/** None of these keys is in a file of the data folder, nor where programs keep what is theirs, the keyring's own folder included. */
export function noFileHas(keys, folder) {
  const { XDG_DATA_HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME } = process.env;
  const folders = [folder, XDG_DATA_HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME].filter((it) => it && existsSync(it));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const places = new Set(files.map((file) => file.split("/").at(-1)));
  assert.ok(places.has("counterfoil.db"), "the data folder was looked through");
  assert.ok([...places].some((name) => name.endsWith(".keyring")), "and the keyring's own folder");
  for (const file of files) for (const key of keys) assert.ok(!readFileSync(file).includes(key), file);
}

/** A list up to the look at its columns. */
export async function openList(window, path, kind = "referrers", msPerKey = 40) {
  await window.press("F9");
  if (await window.visible("import-report")) {
    await window.tabTo("import-again");
    await window.press("Enter");
  }
  await window.choose(`import-${kind}`);
  if (!(await window.visible("import-path"))) {
    await window.tabTo("import-type-path");
    await window.press("Enter");
  }
  await window.tabTo("import-path");
  await window.retype(path, msPerKey);
  await window.press("Enter");
  await window.focused("import-columns");
}

/** And all of it into the shop. */
export async function importList(window, path, kind) {
  await openList(window, path, kind);
  await runImport(window);
}

export async function runImport(window) {
  await window.tabTo("import-run");
  await window.press("Enter");
  await window.shown("import-report");
  await window.focused("import-done");
}

/** From any screen: whose code shall be handed out, found by the beginning of the name; the ways to do it stand there then. */
export async function handOutTo(window, search, name) {
  await window.press("F4");
  await window.focused("hand-out-whom");
  await window.type(search);
  await window.until("the person is found", () => window.run((name) => document.body.innerText.includes(name), name));
  await window.press("Enter");
  await window.focused("way-screen");
}
