// What `make run` does without a display: it ends well, and the pictures that it names are there and were taken by it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./harness.mjs";

test("import, code and sale are practised where nobody looks, and leave their pictures", { timeout: 180_000 }, () => {
  const begun = Date.now();
  const { status, stdout, stderr } = spawnSync("node", [join(root, "tests/e2e/practice.mjs")], { encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
  for (const done of ["practice shop is open", "1 person added", "has the code", "sale with that code is recorded, and uploaded"]) {
    assert.ok(stdout.includes(done), `“${done}” is not in:\n${stdout}`);
  }
  const named = [...stdout.matchAll(/^ {2}(screenshots\/\S+\.png)$/gm)].map(([, name]) => join(root, name));
  assert.equal(named.length, 5, stdout);
  for (const name of named) {
    assert.deepEqual(readFileSync(name).subarray(1, 4).toString(), "PNG", name);
    assert.ok(statSync(name).mtimeMs >= begun - 1000, `${name} is of an earlier run`);
  }
});
