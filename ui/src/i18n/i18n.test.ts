import { parse, TYPE, type MessageFormatElement } from "@formatjs/icu-messageformat-parser";
import { expect, test } from "vitest";
import de from "./de.json";
import en from "./en.json";
import { speak, t, type Key } from "./index.svelte";

function placeholders(elements: MessageFormatElement[], found = new Set<string>()): Set<string> {
  for (const element of elements) {
    if (element.type === TYPE.literal || element.type === TYPE.pound) continue;
    found.add(element.value);
    if (element.type === TYPE.plural || element.type === TYPE.select) {
      for (const option of Object.values(element.options)) placeholders(option.value, found);
    }
  }
  return found;
}

test("both languages say the same things", () => {
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  expect(Object.values(de).filter((text) => text.trim() === "")).toEqual([]);
});

test.each(Object.keys(en) as Key[])("%s has the same placeholders in both", (key) => {
  expect([...placeholders(parse(de[key]))].sort()).toEqual([...placeholders(parse(en[key]))].sort());
});

test("plurals are spoken in the chosen language", () => {
  speak("de");
  expect(t("ticket.people", { count: 1 })).toBe("bisher 1 Person");
  speak("en");
  expect(t("ticket.people", { count: 9 })).toBe("9 people so far");
});

test("a name turns nothing around but itself", () => {
  expect(t("today.by", { name: "Jane D." })).toBe("by Jane D.");
  expect(t("today.by", { name: "نور ه." })).toBe("by \u2068نور ه.\u2069");
  // What would end the setting apart, or turn the rest of the line, is left out.
  expect(t("today.by", { name: "Jane\u2069\u202e D." })).toBe("by \u2068Jane D.\u2069");
});

test("no screen says how it failed in numbers", () => {
  const words = /\berror\b|\binvalid\b|\bungültig\b|\bfehler \d/i;
  expect([...Object.values(en), ...Object.values(de)].filter((text) => words.test(text))).toEqual([]);
});
