// Stripe connected, lost and found again in the real window, with the stand-in clouds in a program of their own.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { foilBinary, freshFolder, openWindow, terminal, walk } from "./harness.mjs";
import { badgeIsGreen, initShop, noFileHas } from "./steps.mjs";

/** The stand-ins, on a free port the first time and on the same one after that. */
async function startClouds(port = 0) {
  const child = spawn(foilBinary, ["--json", "practice-cloud", "--port", String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  const told = JSON.parse(line);
  const ask = async (path, body) => {
    const given = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(`${told.practice_url}${path}`, given);
    assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
    return answer.json();
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  /** Whether a customer with this address was sent to Stripe, and taken. */
  const has = async (email) =>
    (await ask("/calls")).some(
      ({ path, body, status }) =>
        path === "/v1/customers" && status === 200 && body.includes(`email=${encodeURIComponent(email)}`),
    );
  return { ...told, port: Number(new URL(told.stripe_url).port), ask, has, stop };
}

/** What every program on this computer was started with. */
const commandLines = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, "utf8");
      } catch {
        return ""; // It ended while we looked.
      }
    });

describe("the sync in the window", { timeout: 300_000 }, () => {
  const { folder, remove } = freshFolder();
  let clouds;
  let window;
  let code;

  const foil = terminal(folder);

  before(async () => {
    clouds = await startClouds();
    initShop(foil);
    foil("rules", "set", "--percent", "15");
    foil("referrer", "add", "--name", "Jane Doe", "--email", "jane@salon.example", "--generate");
    foil("referrer", "add", "--name", "Omar Aziz", "--email", "omar@salon.example", "--code", "SPRING");
    code = foil("lookup", "jane").hits[0].code;
    const { stripe_url, referral_factory_url } = clouds;
    const settings = `[stripe]\nurl = "${stripe_url}"\n[referral_factory]\nurl = "${referral_factory_url}"\n`;
    writeFileSync(join(folder, "settings.toml"), settings);
    window = await openWindow(folder);
  });
  after(async () => {
    await window?.close();
    await clouds?.stop();
    remove();
  });

  const step = walk(() => window);

  const green = () => badgeIsGreen(window);
  const onScreen = (text) => window.until(`the screen says ${text}`, () => window.run((text) => document.body.innerText.includes(text), text));

  async function tabToRole(role, within) {
    for (let keys = 0; keys < 60; keys++) {
      const there = await window.run(
        (role, within) => {
          const it = document.activeElement;
          return Boolean(it?.closest(`[data-testid="${within}"]`)) && (it.getAttribute("role") ?? it.tagName.toLowerCase()) === role;
        },
        role,
        within,
      );
      if (there) return;
      await window.press("Tab");
    }
    throw new Error(`No ${role} in “${within}” was reached by Tab`);
  }

  /** Chooses from the menu of Referral Factory's card. */
  async function menu(choice) {
    await window.tabToNamed("More for Referral Factory");
    await window.press("Enter");
    await window.clickText('[role="menuitem"]', choice);
  }

  async function sell(email, order) {
    await window.press("F2");
    await window.focused("code-field");
    await window.type(code);
    await window.press("Enter");
    await window.focused("order-field");
    await window.type(order);
    await window.tabTo("contact-field");
    await window.type(email);
    await window.press("Enter");
    await window.focused("code-field");
  }

  step("nothing is connected, and the badge says so", async () => {
    await window.focused("code-field");
    await window.says("sync-badge", /not connected/i);
    await window.press("F10");
    await window.shown("connect-stripe");
    await window.pictures("20-sync-not-connected");
  });

  step("a key that is none is refused in a sentence", async () => {
    await window.click("connect-stripe");
    await window.shown("connect-dialog");
    await window.tabTo("stripe-key");
    await window.type("rk_test_wrong", 40);
    await window.press("Enter");
    await onScreen("does not know this key");
    await window.pictures("21-key-refused");
  });

  step("Stripe is connected with a key", async () => {
    await window.tabTo("stripe-key");
    await window.retype(clouds.stripe_key, 20);
    await window.press("Enter");
    await window.gone("connect-dialog");
    await window.says("destination-stripe", /test/i);
    await window.pictures("22-connected");
  });

  step("the key is in the keyring alone: on no disk, in no command line, in nothing that the window said", () => {
    noFileHas([clouds.stripe_key], folder);
    assert.ok(!commandLines().some((line) => line.includes(clouds.stripe_key)));
    assert.ok(!window.said().includes(clouds.stripe_key));
  });

  step("every code goes to Stripe; one that somebody else uses there waits for a decision", async () => {
    await clouds.ask("/foreign-code", { code: "SPRING" });
    foil("stripe", "codes", "push", "--each-new");
    await window.click("upload-now");
    await window.shown("conflicts");
    await window.says("conflicts", "SPRING");
    assert.equal((await clouds.ask("")).stripe.promotion_codes, 2, "ours and theirs");
    await window.pictures("23-conflict");
  });

  step("the conflict is decided by keyboard", async () => {
    await tabToRole("radio", "conflicts");
    await window.press("ArrowDown", " ");
    await tabToRole("button", "conflicts");
    await window.press("Enter");
    await window.gone("conflicts");
    // The second decision: theirs stays there, ours counts at tills only.
    assert.deepEqual(foil("conflicts", "list").conflicts, []);
    const { rows } = foil("outbox", "list", "--destination", "stripe", "--state", "parked");
    assert.deepEqual(rows.map(({ name, set_aside }) => [name, set_aside]), [["SPRING", true]]);
  });

  step("a checkout at Stripe becomes a Lead", async () => {
    await clouds.ask("/checkout", { code, email: "tom@ash.example", name: "Tom Ash", amount: 2000 });
    await window.click("upload-now");
    await window.press("F7");
    await onScreen("Tom Ash");
    await window.pictures("24-lead-from-stripe");
  });

  step("without a network a sale is recorded, and the badge counts it", async () => {
    await clouds.stop();
    await sell("nina@mail.example", "49.90");
    await window.says("counterfoil", "42.4");
    await window.says("sync-badge", /^1 not uploaded yet/);
    assert.equal(await green(), false, "green while something waits");
    await window.pictures("25-one-waits");
  });

  step("the cloud is back: the badge turns green and Stripe has the customer", async () => {
    clouds = await startClouds(clouds.port);
    await window.click("sync-badge");
    await window.click("upload-now");
    await window.until("Stripe has the customer", () => clouds.has("nina@mail.example"));
    await window.press("F2");
    await window.until("the badge is green", green);
    await window.press("F10");
    await window.pictures("26-all-uploaded");
  });

  step("a sale goes up by itself, with nobody asking for it", async () => {
    await sell("otto@mail.example", "20");
    await window.until("Stripe has the customer", () => clouds.has("otto@mail.example"));
    await window.until("the badge is green", green);
  });

  step("with files for Referral Factory the badge counts what waits for one, until nobody wants any more", async () => {
    foil("export", "referral-factory", "referrers", join(folder, "referrers.csv"));
    await window.press("F10");
    await window.says("destination-referral_factory", /by file/i);
    await window.pictures("27-by-file");
    await window.press("F2");
    await window.says("sync-badge", /not uploaded yet/);
    assert.equal(await green(), false, "green while something waits for a file");
    await window.press("F10");
    await window.clickText("button", "No more files");
    await window.press("F2");
    await window.until("the badge is green", green);
  });

  step("Referral Factory is connected; whom it refuses for one reason is tried again at once", async () => {
    await window.press("F10");
    await window.shown("connect-referral_factory");
    await window.tabTo("connect-referral_factory");
    await window.press("Enter");
    await window.shown("connect-dialog");
    await window.tabTo("factory-token");
    await window.type(clouds.referral_factory_token, 20);
    await window.press("Enter");
    await onScreen("Spring friends");
    await window.pictures("28-campaign");
    await window.tabToNamed("Connect");
    await window.press("Enter");
    await window.gone("connect-dialog");
    // No mail reaches a domain that ends with .example, so nobody here is taken.
    foil("referral-factory", "push");
    await window.click("upload-now");
    await window.until("all need a person", () => foil("status").outbox.referral_factory.needs_a_person > 1);
    await window.clickText('[role="radio"]', /^Needs a person/);
    await window.pictures("29-refused");
    const tried = async () => (await clouds.ask("/calls")).filter(({ method, path }) => method === "POST" && path === "/users").length;
    const before = await tried();
    await window.clickText("button", "Try all again");
    await onScreen("are tried again");
    await window.until("they are tried again", async () => (await tried()) > before);
    // The clouds began anew, without the coupon: to have it made anew is a word of its own.
    await window.until("the coupon is missed", () => foil("status").outbox.stripe.needs_a_person === 1);
    const [coupon] = foil("outbox", "list", "--destination", "stripe", "--state", "needs-a-person").rows;
    assert.match(coupon.why, /deleted this coupon/);
    foil("outbox", "retry", coupon.id);
    // What goes into the campaign's own fields is chosen, and what can be handed over in files is looked at.
    await menu(/^Fields of the campaign/);
    await onScreen("Order total");
    await window.pictures("30-fields");
    await window.tabToNamed("Keep");
    await window.press("Enter");
    await window.gone("fields-dialog");
    await menu(/^Files instead/);
    await window.shown("files-dialog");
    await window.pictures("31-files");
    await window.press("Escape");
    await window.gone("files-dialog");
    noFileHas([clouds.referral_factory_token], folder);
    foil("disconnect", "referral-factory", "--forget");
    await window.click("upload-now");
    await window.until("the coupon is there again", () => foil("status").outbox.stripe.needs_a_person === 0);
    await window.press("F2");
    await window.until("the badge is green", green);
  });

  step("what waits when the window is closed goes up before it is gone", async () => {
    await clouds.ask("/strike", { fault: "delay", millis: 2000, cloud: "stripe", method: "POST", path: "/v1/customers" });
    await sell("pia@mail.example", "20");
    await window.says("sync-badge", /^1 not uploaded yet/);
    await window.quit();
    assert.ok(await clouds.has("pia@mail.example"));
    assert.equal(foil("status").outbox.stripe.waiting, 0);
  });

  let customers;
  step("a cloud that does not answer keeps nobody from closing the window", async () => {
    window = await openWindow(folder);
    await window.until("the badge is green", green);
    ({ customers } = (await clouds.ask("")).stripe);
    await clouds.ask("/strike", { fault: "delay", millis: 25_000, cloud: "stripe", method: "POST", path: "/v1/customers" });
    await sell("quinn@mail.example", "20");
    await window.says("sync-badge", /^1 not uploaded yet/);
    // The last round waits five seconds at most. This waits fifteen, for a busy computer.
    await window.quit();
    assert.equal(foil("status").outbox.stripe.waiting, 1);
  });

  step("what was sold while it was closed, and what waited since before, goes up when it is opened", async () => {
    foil("redeem", code, "--order", "10", "--name", "Rosa", "--email", "rosa@mail.example");
    window = await openWindow(folder);
    await window.until("Stripe has the customer", () => clouds.has("rosa@mail.example"));
    // Stripe has Quinn's key in use until the call from before is through.
    await window.until("the badge is green", green, 60_000);
    assert.equal((await clouds.ask("")).stripe.customers, customers + 2, "Rosa and Quinn, once each");
    const told = await clouds.ask("");
    assert.deepEqual([told.violations, told.strict], [[], true], "every call and answer was held against Stripe's description");
  });
});

test("in a terminal keys go from standard input into the keyring alone, and a round needs no other", async () => {
  const { folder, remove } = freshFolder();
  const foil = terminal(folder);
  const clouds = await startClouds();
  try {
    initShop(foil);
    foil("referrer", "add", "--name", "Jane Doe", "--email", "jane@salon-post.com", "--code", "SPRING");
    foil("redeem", "SPRING", "--order", "20", "--name", "Mia", "--email", "mia@brandt-post.com");
    const { stripe_url, referral_factory_url } = clouds;
    writeFileSync(join(folder, "settings.toml"), `[stripe]\nurl = "${stripe_url}"\n[referral_factory]\nurl = "${referral_factory_url}"\n`);
    const keys = { stripe: clouds.stripe_key, "referral-factory": clouds.referral_factory_token };
    assert.ok(!Object.values(process.env).some((value) => Object.values(keys).includes(value)));
    for (const [destination, input] of Object.entries(keys)) {
      const done = spawnSync(foilBinary, ["--data", folder, "connect", destination], { input, encoding: "utf8" });
      assert.equal(done.status, 0, done.stdout + done.stderr);
      assert.ok(!(done.stdout + done.stderr).includes(input));
    }
    foil("sync", "--once");
    assert.ok(await clouds.has("mia@brandt-post.com"));
    const created = ({ path, method, body }) => path === "/users" && method === "POST" && body.includes("mia@brandt-post.com");
    assert.ok((await clouds.ask("/calls")).some(created));
    noFileHas(Object.values(keys), folder);
    // Whoever disconnects takes the key out again.
    foil("disconnect", "stripe");
    assert.ok(!foil("sync", "--once").destinations.find((line) => line.destination === "stripe")?.connected);
  } finally {
    await clouds.stop();
    remove();
  }
});
