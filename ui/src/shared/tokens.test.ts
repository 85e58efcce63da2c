import { expect, test } from "vitest";
import tokens from "./tokens.css?raw";

function block(selector: string): string[] {
  const start = tokens.indexOf("{", tokens.indexOf(selector)) + 1;
  return tokens
    .slice(start, tokens.indexOf("}", start))
    .split(";")
    .map((line) => line.trim())
    .filter(Boolean);
}

test("dark by the system and dark by choice are the same dark", () => {
  const chosen = block(':root[data-look="dark"]');
  expect(chosen.length).toBeGreaterThan(15);
  expect(block(':root:not([data-look="light"])')).toEqual(chosen);
});

/** WCAG 2 contrast of two #rrggbb colours. */
function contrast(one: string, two: string): number {
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5]
      .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [dark, light] = [luminance(one), luminance(two)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

test.each([
  ["light", ":root {"],
  ["dark", ':root[data-look="dark"]'],
])("every text colour of %s can be read on its ground", (_, selector) => {
  const colour = Object.fromEntries(block(selector).map((line) => line.split(": ") as [string, string]));
  const pairs = [
    ["--ink", "--paper"],
    ["--ink", "--surface"],
    ["--soft", "--paper"],
    ["--soft", "--surface"],
    ["--soft", "--sunk"],
    ["--accent", "--accent-wash"],
    ["--accent", "--surface"],
    ["--on-accent", "--accent"],
    ["--warn", "--warn-wash"],
    ["--stop", "--stop-wash"],
    ["--stop", "--surface"],
    ["--on-stop", "--stop"],
  ] as const;
  const weak = pairs.filter(([text, ground]) => contrast(colour[text]!, colour[ground]!) < 4.5);
  expect(weak).toEqual([]);
  expect(contrast(colour["--field-line"]!, colour["--surface"]!)).toBeGreaterThanOrEqual(3);
});
