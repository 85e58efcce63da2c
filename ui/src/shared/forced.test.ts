// Where the system takes our colours away, what is chosen and what has the focus must still be told by something else.
import { expect, test } from "vitest";

const sources = import.meta.glob<string>("../**/*.{css,svelte}", {
  query: "?raw",
  import: "default",
  eager: true,
});

type Rule = { file: string; selector: string; body: string };
const rules: Rule[] = Object.entries(sources).flatMap(([file, source]) => {
  const style = file.endsWith(".css") ? source : (/<style>([^]*)<\/style>/.exec(source)?.[1] ?? "");
  const bare = style.replace(/\/\*[^]*?\*\//g, "");
  return [...bare.matchAll(/([^{};]+)\{([^{}]*)\}/g)].map(([, selector = "", body = ""]) => ({
    file,
    selector: selector.trim(),
    body,
  }));
});

/** What bits-ui says of a state to everybody, beside the name that it has for styles. */
const saidToo: Record<string, string[]> = {
  'data-state="on"': ["aria-pressed", "aria-checked"],
  'data-state="checked"': ["aria-checked"],
  'data-state="active"': ["aria-selected"],
};
/** No choice: what cannot be had is written in fewer places, what is wrong has its sentence, what is open shows what it holds. */
const noChoice =
  /^(data-(disabled|outside-month|look|placeholder)|aria-(invalid|disabled)|data-state="(open|closed)")/;

test("every state that is told by a colour has another sign in forced colours", () => {
  const forced =
    /@media \(forced-colors: active\) \{\s*:is\(button([^{]*)\{/.exec(sources["./parts.css"] ?? "")?.[1] ??
    "";
  const told: string[] = [];
  for (const { file, selector, body } of rules) {
    if (!/(background|color|box-shadow)\s*:/.test(body) || /font-weight|forced-color-adjust/.test(body))
      continue;
    for (const [, state = ""] of selector.matchAll(/\[((?:data|aria)-[a-z-]+(?:="[a-z]+")?)\]/g)) {
      if (noChoice.test(state)) continue;
      told.push(state);
      for (const name of saidToo[state] ?? [state.replace(/=.*/, "")]) {
        expect(forced, `${file}: ${selector}`).toContain(`[${name}`);
      }
    }
  }
  expect(told.length).toBeGreaterThan(8);
});

test("what hides its ring draws another one, not a colour alone", () => {
  const hidden = rules.filter(({ body }) => /outline:\s*(none|0)/.test(body));
  expect(hidden.length).toBeGreaterThan(3);
  for (const { file, selector } of hidden) {
    // Headings and dialogs take the focus to be read, not to be used; what was pressed by hand needs no ring; the order's field
    // stands in an .input, which has one.
    if (/h1|\.dialog|:not\(:focus-visible\)|^\.order input$/.test(selector)) continue;
    const ring = ({ file: where, selector, body }: Rule) =>
      where === file && /:focus|data-focused/.test(selector) && /outline:\s*\d/.test(body);
    expect(rules.some(ring), `${file}: ${selector}`).toBe(true);
  }
});
