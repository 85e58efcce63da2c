// Pictures of every screen and state from the mock build, to be looked at: `npm run mock:build && npm run shots [filter]`.
// `FORCED=1` takes them as who needs high contrast sees them: the system's few colours instead of ours.
// Also fails when the window's policy was broken or the console spoke.
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { preview } from "vite";
import { scenes } from "./scenes.mjs";

const out = process.env.SHOTS ?? "/tmp/ui-shots";
const filter = process.argv[2] ?? "";
// "double" is 1440×900 with everything at 200 %.
const sizes = {
  small: { width: 1024, height: 600 },
  large: { width: 1440, height: 900 },
  double: { width: 720, height: 450 },
};
mkdirSync(out, { recursive: true });

const server = await preview({
  mode: "mock",
  build: { outDir: "dist-mock" },
  preview: { port: 1421, strictPort: true },
});
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

let complaints = 0;
for (const [name, scene] of Object.entries(scenes)) {
  for (const variant of scene.variants) {
    const [size, look, language] = variant.split(" ");
    const file = `${name}-${size}-${look}-${language}`;
    if (!file.includes(filter)) continue;
    const context = await browser.newContext({
      viewport: sizes[size],
      colorScheme: look,
      locale: "en-GB",
      reducedMotion: "reduce",
      forcedColors: process.env.FORCED ? "active" : "none",
    });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        complaints++;
        console.log(`${file}: ${message.text()}`);
      }
    });
    page.on("pageerror", (error) => {
      complaints++;
      console.log(`${file}: ${error.message}`);
    });
    try {
      await page.goto(`http://localhost:1421/?language=${language}${scene.query ? `&${scene.query}` : ""}`);
      await page.waitForSelector(scene.ready ?? '[data-testid="code-field"]', { timeout: 5000 });
      await page.waitForTimeout(150);
      await scene.walk?.(page);
      await page.waitForTimeout(350);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) console.log(`${file}: wider than the window`);
    } catch (error) {
      complaints++;
      console.log(`${file}: ${error.message.split("\n")[0]}`);
    }
    await page.screenshot({ path: `${out}/${file}.png` });
    await context.close();
  }
}
await browser.close();
await server.close();
process.exit(complaints ? 1 : 0);
