// The states worth a picture, and the few steps that lead there.
const both = [
  "double light en",
  "large light en",
  "large dark en",
  "small light en",
  "small dark de",
  "large light de",
];
const two = ["large light en", "small dark de"];
const settle = (page) => page.waitForTimeout(250);

async function code(page, text) {
  await page.keyboard.type(text, { delay: 45 });
  await page.waitForSelector('[data-testid="ticket"]');
  await settle(page);
}

async function sale(page, text, order, name, contact) {
  await code(page, text);
  await page.keyboard.type(order, { delay: 45 });
  await page.keyboard.press("Tab");
  await page.keyboard.type(name, { delay: 45 });
  await page.keyboard.press("Tab");
  await page.keyboard.type(contact, { delay: 45 });
  await settle(page);
}

/** Presses a destination's nth button, and in its menu the nth line. */
async function act(page, destination, n, line) {
  await page.keyboard.press("F10");
  const card = page.getByTestId(`destination-${destination}`);
  await card.locator(n === "menu" ? ".menu" : ".acts .btn >> nth=" + n).click();
  await settle(page);
  if (line === undefined) return;
  await page.getByRole("menuitem").nth(line).click();
  await settle(page);
}

async function handOut(page) {
  await page.keyboard.press("F6");
  await page.locator('[data-row="0"]').click();
  await page.getByTestId("hand-out-open").click();
  await settle(page);
}

export const scenes = {
  "counter-ready": { variants: both },
  "counter-empty": { variants: two, query: "empty=true" },
  "counter-half": { variants: two, walk: (page) => page.keyboard.type("jan", { delay: 45 }) },
  "counter-opened": { variants: two, walk: (page) => code(page, "k7mq4rtx") },
  "counter-allowed": {
    variants: both,
    query: "connected=true&waiting=3",
    walk: (page) => sale(page, "k7mq4rtx", "100,00", "Leo Brandt", "leo@brandt.example"),
  },
  "counter-known": {
    variants: both,
    walk: (page) => sale(page, "k7mq4rtx", "100", "", "leo@brandt.example"),
  },
  "counter-typed-ahead": {
    variants: both,
    walk: async (page) => {
      await page.evaluate(() => (window.desk.redeem = () => new Promise(() => undefined)));
      await sale(page, "k7mq4rtx", "100", "Leo Brandt", "leo@brandt.example");
      await page.keyboard.press("Enter");
      await page.keyboard.type("m4rd7", { delay: 45 });
    },
  },
  "counter-refused": {
    variants: both,
    walk: (page) => sale(page, "k7mq4rtx", "24.50", "Leo Brandt", "old@brandt.example"),
  },
  "counter-conflict": {
    variants: two,
    query: "connected=true&person=1&waiting=2",
    walk: (page) => sale(page, "k7mq4rtx", "1 234,50", "Noa", "noa@levi.example"),
  },
  "counter-unknown": { variants: two, walk: (page) => code(page, "k7mq4rt8") },
  "counter-recorded": {
    variants: two,
    query: "connected=true",
    walk: async (page) => {
      await sale(page, "k7mq4rtx", "100", "Leo Brandt", "leo@brandt.example");
      await page.keyboard.press("Enter");
      await settle(page);
    },
  },
  "counter-manager": {
    variants: two,
    walk: async (page) => {
      await sale(page, "k7mq4rtx", "24.50", "Leo", "old@brandt.example");
      await page.keyboard.press("F5");
    },
  },
  "counter-leave": {
    variants: ["large light en"],
    walk: async (page) => {
      await sale(page, "k7mq4rtx", "24.50", "Leo", "");
      await page.keyboard.press("Escape");
    },
  },
  "counter-menu": {
    variants: ["large dark en"],
    walk: (page) => page.locator('aside [data-testid="foil-more"]').first().click(),
  },
  "counter-undo": {
    variants: two.slice(0, 1),
    walk: async (page) => {
      await page.locator('aside [data-testid="foil-more"]').first().click();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
    },
  },
  "counter-refund": {
    variants: two.slice(0, 1),
    walk: async (page) => {
      await page.locator('aside [data-testid="foil-more"]').first().click();
      await page.getByRole("menuitem").nth(1).click();
      await settle(page);
      await page.getByRole("radio").nth(1).click();
      await page.locator("#refund-amount").fill("500");
    },
  },
  "counter-drawer": { variants: ["small light en"], walk: (page) => page.locator(".drawer-open").click() },
  "counter-keys": { variants: two, walk: (page) => page.keyboard.press("F1") },
  palette: {
    variants: two,
    walk: async (page) => {
      await page.keyboard.press("Control+k");
      await settle(page);
      await page.keyboard.type("jan", { delay: 45 });
    },
  },
  practice: { variants: two, query: "practice=true" },
  "first-run": {
    variants: both,
    query: "opening=first_run",
    ready: '[data-testid="shop-name"]',
    walk: (page) => page.keyboard.type("Harbour Street Salon"),
  },
  "first-run-rules": {
    variants: ["large light en", "small dark de"],
    query: "opening=first_run",
    ready: '[data-testid="shop-name"]',
    walk: async (page) => {
      await page.locator(".rules-open").click();
      await page.getByTestId("open-shop").click();
    },
  },
  "first-run-zone": {
    variants: ["large light en"],
    query: "opening=first_run",
    ready: '[data-testid="shop-name"]',
    walk: async (page) => {
      await page.getByTestId("timezone").click();
      await page.keyboard.type("lisb");
    },
  },
  trouble: { variants: two, query: "opening=trouble", ready: "h1" },
  "lead-empty": { variants: two, walk: (page) => page.keyboard.press("F3") },
  "lead-find": {
    variants: ["large light en"],
    walk: async (page) => {
      await page.keyboard.press("F3");
      await settle(page);
      await page.keyboard.type("jan", { delay: 45 });
    },
  },
  "lead-typed": {
    variants: both,
    walk: async (page) => {
      await page.keyboard.press("F3");
      await settle(page);
      await page.keyboard.type("jane", { delay: 45 });
      await settle(page);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await settle(page);
      await page.keyboard.type("Ruth Kim", { delay: 45 });
      await page.keyboard.press("Tab");
      await page.keyboard.type("020 7946 0199", { delay: 45 });
    },
  },
  "lead-saved": {
    variants: two,
    walk: async (page) => {
      await scenes["lead-typed"].walk(page);
      await page.keyboard.press("Tab");
      await page.keyboard.type("noa@levi.example", { delay: 45 });
      await page.keyboard.press("Enter");
    },
  },
  "lead-calendar": {
    variants: ["large light en"],
    walk: async (page) => {
      await page.keyboard.press("F3");
      await page.locator(".date .btn").last().click();
    },
  },
  referrers: { variants: both, walk: (page) => page.keyboard.press("F6") },
  "referrers-empty": { variants: two, query: "empty=true", walk: (page) => page.keyboard.press("F6") },
  "referrers-add": {
    variants: two,
    walk: async (page) => {
      await page.keyboard.press("F6");
      await page.getByTestId("add-referrer").click();
    },
  },
  "referrers-generate": {
    variants: ["large light en"],
    walk: async (page) => {
      await page.keyboard.press("F6");
      await page.getByTestId("generate-all").click();
      await page.getByTestId("ask-yes").click();
      await page.waitForTimeout(2600);
      await page.keyboard.press("F2");
    },
  },
  person: {
    variants: both,
    walk: async (page) => {
      await page.keyboard.press("F6");
      await page.locator('[data-row="0"]').click();
    },
  },
  "person-no-code": {
    variants: ["large light en"],
    walk: async (page) => {
      await page.keyboard.press("F6");
      await page.locator('[data-row="5"]').click();
    },
  },
  "person-hostile": {
    variants: ["small light en"],
    walk: async (page) => {
      await page.keyboard.press("F6");
      await page.locator('[data-row="8"]').click();
    },
  },
  leads: { variants: both, walk: (page) => page.keyboard.press("F7") },
  "leads-call-back": {
    variants: both,
    walk: async (page) => {
      await page.keyboard.press("F7");
      await page.getByTestId("call-back").click();
    },
  },
  "lead-half": {
    variants: two,
    walk: async (page) => {
      await scenes["lead-typed"].walk(page);
      await page.keyboard.press("Tab");
      await page.keyboard.type("ruth@", { delay: 45 });
      await page.keyboard.press("Enter");
    },
  },
  "leads-empty": { variants: two, query: "empty=true", walk: (page) => page.keyboard.press("F7") },
  "import-choose": { variants: two, walk: (page) => page.keyboard.press("F9") },
  "import-columns": {
    variants: both,
    walk: async (page) => {
      await page.keyboard.press("F9");
      await page.getByTestId("import-choose").click();
      await page.waitForSelector('[data-testid="import-run"]');
    },
  },
  "import-running": {
    variants: ["small light en"],
    walk: async (page) => {
      await scenes["import-columns"].walk(page);
      await page.getByTestId("import-run").click();
      await page.waitForTimeout(2500);
    },
  },
  "import-report": {
    variants: two,
    walk: async (page) => {
      await scenes["import-columns"].walk(page);
      await page.getByTestId("import-run").click();
      await page.waitForSelector('[data-testid="import-report"]', { timeout: 9000 });
    },
  },
  "cards-print": { variants: both, walk: (page) => page.keyboard.press("F8") },
  "cards-sheet": {
    variants: two,
    query: "troubles=2",
    walk: async (page) => {
      await page.keyboard.press("F8");
      await page.getByTestId("whom-these").click();
      await page.getByTestId("cards-people").fill("jane");
      await settle(page);
      await page.keyboard.press("Enter");
      await page.locator(".views .chip").nth(1).click();
    },
  },
  "cards-flyer": {
    variants: two,
    walk: async (page) => {
      await page.keyboard.press("F8");
      await page.getByTestId("template-flyer_a6").click();
      await page.getByTestId("choose-logo").click();
      await page.locator("#cards-small").scrollIntoViewIfNeeded();
    },
  },
  "cards-nobody": {
    variants: two,
    query: "empty=true",
    walk: async (page) => {
      await page.keyboard.press("F8");
      await settle(page);
      await page.getByTestId("whom-all").click();
    },
  },
  batches: {
    variants: both,
    walk: async (page) => {
      await page.keyboard.press("F8");
      await page.getByRole("tab").nth(1).click();
    },
  },
  "batch-page": {
    variants: both,
    walk: async (page) => {
      await page.keyboard.press("F8");
      await page.getByRole("tab").nth(1).click();
      await page.getByTestId("batch-11").click();
    },
  },
  "batch-lost": {
    variants: two,
    walk: async (page) => {
      await page.keyboard.press("F8");
      await page.getByRole("tab").nth(1).click();
      await page.getByTestId("batch-10").click();
      await page.getByTestId("mark-lost").click();
    },
  },
  "person-hand-out": {
    variants: two,
    walk: async (page) => {
      await page.keyboard.press("F6");
      await page.locator('[data-row="0"]').click();
      await page.getByTestId("hand-out").click();
    },
  },
  "sync-none": { variants: two, query: "sync=none", walk: (page) => page.keyboard.press("F10") },
  "sync-empty": {
    variants: two,
    query: "sync=done&connected=true",
    walk: (page) => page.keyboard.press("F10"),
  },
  sync: {
    variants: both,
    query: "sync=person&connected=true&person=4",
    walk: (page) => page.keyboard.press("F10"),
  },
  "sync-list": {
    variants: both,
    query: "sync=person",
    walk: async (page) => {
      await page.keyboard.press("F10");
      await page.locator("#entries-title").evaluate((title) => title.scrollIntoView());
    },
  },
  "sync-running": { variants: two, query: "sync=running", walk: (page) => page.keyboard.press("F10") },
  "sync-refused": { variants: two, query: "sync=refused", walk: (page) => page.keyboard.press("F10") },
  "sync-far": {
    variants: ["small light en"],
    query: "sync=waiting",
    walk: async (page) => {
      await page.keyboard.press("F10");
      await page.waitForSelector("[data-row]");
      await page.locator("main").evaluate((main) => main.scrollTo(0, 4000));
    },
  },
  "sync-story": {
    variants: two,
    query: "sync=person",
    walk: async (page) => {
      await page.keyboard.press("F10");
      await page.locator("#entries-title").evaluate((title) => title.scrollIntoView());
      await page.locator('[data-row="0"]').click({ timeout: 5000 });
    },
  },
  "sync-aside": {
    variants: ["large light en"],
    query: "sync=person",
    walk: async (page) => {
      await page.keyboard.press("F10");
      await page.locator("#entries-title").evaluate((title) => title.scrollIntoView());
      await page.locator('[data-row="0"]').click({ timeout: 5000 });
      await settle(page);
      await page.locator('[data-testid="story-dialog"] .foot .btn').nth(1).click();
    },
  },
  "sync-connect-stripe": {
    variants: two,
    query: "sync=none",
    walk: async (page) => {
      await page.keyboard.press("F10");
      await page.getByTestId("connect-stripe").click();
      await settle(page);
      await page.locator("#stripe-key").fill("rk_test_51abcdef");
    },
  },
  "sync-no-keyring": {
    variants: two,
    query: "sync=none&keyring=0",
    walk: async (page) => {
      await page.keyboard.press("F10");
      await page.getByTestId("connect-stripe").click();
    },
  },
  "sync-connect-factory": {
    variants: two,
    query: "sync=none",
    walk: async (page) => {
      await page.keyboard.press("F10");
      await page.getByTestId("connect-referral_factory").click();
      await settle(page);
      await page.locator("#factory-token").fill("abc");
      await page.keyboard.press("Enter");
    },
  },
  "sync-check": { variants: two, query: "sync=done", walk: (page) => act(page, "stripe", 0) },
  "sync-send": { variants: two, query: "sync=done", walk: (page) => act(page, "stripe", 1) },
  "sync-disconnect": { variants: two, query: "sync=done", walk: (page) => act(page, "stripe", "menu", 0) },
  "sync-files": {
    variants: two,
    query: "sync=done",
    walk: async (page) => {
      await act(page, "referral_factory", "menu", 0);
      await page.locator('[data-testid="files-dialog"] li .btn').nth(0).click();
      await settle(page);
      await page.locator('[data-testid="files-dialog"] li .btn').last().click();
    },
  },
  "sync-badge-refused": { variants: two, query: "sync=refused&connected=true&waiting=120" },
  "leads-why": {
    variants: two,
    walk: async (page) => {
      await page.keyboard.press("F7");
      await page.locator(".act").first().click();
    },
  },
  "hand-out": { variants: both, walk: (page) => handOut(page) },
  "hand-out-read": {
    variants: two,
    walk: async (page) => {
      await handOut(page);
      await page.getByTestId("way-read").click();
    },
  },
  "customer-page": {
    variants: both,
    walk: async (page) => {
      await handOut(page);
      await page.getByTestId("way-screen").click();
    },
  },
  "mail-one": {
    variants: two,
    query: "mail=ready",
    walk: async (page) => {
      await handOut(page);
      await page.getByTestId("way-mail").click();
    },
  },
  "mail-many": {
    variants: two,
    query: "mail=trouble",
    walk: async (page) => {
      await page.keyboard.press("F6");
      await page.getByTestId("mail-many-open").click();
      await settle(page);
      await page.getByTestId("mail-many-send").click();
    },
  },
  camera: { variants: two, walk: (page) => page.getByTestId("camera-open").click() },
  "settings-mail": {
    variants: two,
    query: "mail=ready",
    walk: async (page) => {
      await page.locator("nav .place").last().click();
      await settle(page);
      await page.getByTestId("mail-server").scrollIntoViewIfNeeded();
    },
  },
  settings: {
    variants: both,
    walk: async (page) => {
      await page.locator("nav .place").last().click();
      await settle(page);
      await page.locator(".part .row .btn").nth(6).click();
    },
  },
};
