// What `make run` does where there is no display: the practice shop in the real window, import → code → redeem, with pictures.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freshFolder, openWindow, oldTill } from "./harness.mjs";
import { badgeIsGreen, importList } from "./steps.mjs";

const { folder, remove } = freshFolder();
const pictures = [];
const say = (text) => process.stdout.write(`${text}\n`);

say("There is no display here, so Counterfoil opens on a virtual one and practises a sale.");
const window = await openWindow(folder);
try {
  await window.click("practice");
  await window.focused("code-field");
  pictures.push(await window.picture("run-1-practice"));
  say("  The practice shop is open, with made-up people.");

  const list = join(folder, "new-people.csv");
  writeFileSync(list, "First name,Last name,E-Mail,Mobile\nMarta,Kowalska,marta@kowalska.example,+44 7700 900321\n");
  await importList(window, list);
  pictures.push(await window.picture("run-2-imported"));
  say(`  A list is imported: ${await window.text("import-added")} person added.`);

  await window.press("F2");
  await window.focused("code-field");
  await window.type("marta kow");
  await window.says("find-results", "Marta Kowalska");
  await window.press("Enter");
  await window.focused("order-field");
  const code = await window.text("code-field");
  say(`  Marta has the code ${code}.`);

  await window.type("49.90");
  await window.tabTo("name-field");
  await window.type("Nina Brandt");
  await window.tabTo("contact-field");
  await window.type("nina@mail.example");
  await window.until("the ticket knows the order", () => window.run(() => !document.querySelector('[data-testid="reasons"]')));
  pictures.push(await window.picture("run-3-ticket"));
  await window.press("Enter");
  await window.says("counterfoil", "Nina Brandt");
  await window.focused("code-field");
  pictures.push(await window.picture("run-4-recorded"));
  // She and the badge come with one answer, so green is true of her too.
  await window.until("practice's own clouds have the sale", () => badgeIsGreen(window), 60_000);
  await window.resize(oldTill);
  pictures.push(await window.picture("run-5-recorded-1024x600"));
  say("  A sale with that code is recorded, and uploaded to practice's own clouds.");
  say(`\nLook at what was on the screen:\n${pictures.map((name) => `  ${name}`).join("\n")}`);
} finally {
  await window.close();
  remove();
}
