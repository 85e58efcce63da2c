// The mail server's password: typed in a terminal or in the window, kept in the keyring alone, and found there by both.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { json } from "node:stream/consumers";
import { after, before, describe } from "node:test";
import { foilBinary, freshFolder, openWindow, terminal, walk } from "./harness.mjs";
import { initShop, noFileHas } from "./steps.mjs";

/** A mail server that takes letters only from who has logged in (RFC 4954, PLAIN); it keeps them, and who tried to. */
async function startMail(user) {
  const mail = { password: null, letters: [], tried: [] };
  const server = createServer((socket) => {
    let [rest, letter, inside] = ["", null, false];
    const answers = {
      EHLO: () => "250-here\r\n250 AUTH PLAIN",
      AUTH: (line) => {
        const [, ...given] = Buffer.from(line.split(" ")[2] ?? "", "base64").toString().split("\0");
        mail.tried.push(given);
        inside = mail.password !== null && given.join("\0") === `${user}\0${mail.password}`;
        return inside ? "235 come in" : "535 nobody of this name and password";
      },
      MAIL: () => (inside ? "250 well" : "530 log in first"),
      DATA: () => ((letter = []), "354 go on"),
    };
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      const lines = (rest + bytes).split("\r\n");
      rest = lines.pop();
      for (const line of lines) {
        if (letter && line !== ".") letter.push(line);
        else if (letter) {
          mail.letters.push(letter.join("\n"));
          letter = null;
          socket.write("250 taken\r\n");
        } else socket.write(`${(answers[line.split(/[ :]/)[0].toUpperCase()] ?? (() => "250 well"))(line)}\r\n`);
      }
    });
    socket.write("220 here\r\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(mail, { port: server.address().port, off: () => server.close() });
}

describe("the mail server's password", { timeout: 300_000 }, () => {
  const { folder, remove } = freshFolder();
  const foil = terminal(folder);
  const step = walk(() => window);
  const [user, first, second] = ["salon", "first-planted-password-7", "second-planted-password-8"];
  /** As they are, and as they went over the wire. */
  const secrets = [first, second].flatMap((word) => [word, ...[word, `\0${user}\0${word}`].map((text) => Buffer.from(text).toString("base64"))]);
  /** In its turn, since the mail server is in this program and must go on answering. */
  const test = () => json(spawn(foilBinary, ["--data", folder, "--json", "mail", "test"], { stdio: ["ignore", "pipe", "inherit"] }).stdout);
  let mail;
  let window;

  before(async () => {
    initShop(foil);
    mail = await startMail(user);
  });
  after(async () => {
    await window?.close();
    mail?.off();
    remove();
  });

  step("in a terminal it goes from standard input into the keyring", () => {
    mail.password = first;
    const server = ["--host", "localhost", "--port", String(mail.port), "--security", "plain", "--user", user, "--from", "hello@salon.example"];
    const done = spawnSync(foilBinary, ["--data", folder, "mail", "set", ...server], { input: `${first}\n`, encoding: "utf8" });
    assert.equal(done.status, 0, done.stdout + done.stderr);
    assert.ok(!(done.stdout + done.stderr).includes(first));
  });

  step("another program of ours finds it there: a test is sent", async () => {
    const { to, state } = await test();
    assert.deepEqual({ to, state }, { to: "hello@salon.example", state: "sent" });
    assert.deepEqual(mail.tried, [[user, first]]);
    assert.equal(mail.letters.length, 1);
    assert.match(mail.letters[0], /^To: .*hello@salon\.example/m);
  });

  step("the window finds it too, and asks nobody", async () => {
    window = await openWindow(folder);
    await window.focused("code-field");
    await window.tabToNamed("Settings");
    await window.press("Enter");
    await window.shown("mail-server");
    assert.equal(await window.run(() => document.querySelector("#mail-password").value), "");
    await window.tabTo("mail-test", 80);
    await window.press("Enter");
    await window.until("the test is with the server", () => mail.letters.length === 2);
    assert.deepEqual(mail.tried.at(-1), [user, first]);
    await window.says("mail-server", /took the test for hello@salon\.example/);
  });

  step("one that is typed in the window takes its place", async () => {
    mail.password = second;
    await window.tabTo("mail-password", 80);
    await window.type(second, 40);
    await window.tabTo("mail-test", 80);
    await window.press("Enter");
    await window.until("the test is with the server", () => mail.letters.length === 3);
    await window.says("mail-server", /took the test for hello@salon\.example/);
    assert.equal(await window.run(() => document.querySelector("#mail-password").value), "");
    assert.equal((await test()).state, "sent");
    assert.deepEqual(mail.tried.slice(2), [[user, second], [user, second]]);
    assert.equal(mail.letters.length, 4);
  });

  step("no file has either, nor anything that the window said", async () => {
    foil("backup");
    noFileHas(secrets, folder);
    assert.ok(!secrets.some((secret) => window.said().includes(secret)));
    await window.kill();
    window = null;
    noFileHas(secrets, folder);
  });
});
