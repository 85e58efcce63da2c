// What several walks do, by keys alone. A native dialog for a file can't be driven here, so the file is named by typing its path.

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
