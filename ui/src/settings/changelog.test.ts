import { expect, test } from "vitest";
import german from "../../../assets/CHANGELOG.de.md?raw";
import english from "../../../assets/CHANGELOG.md?raw";
import { paragraphs } from "./changelog";

test("headings, items and wrapped lines become text, and markup stays text", () => {
  expect(paragraphs("# New\n\n- one\n  more\n- <b>two</b>\n\nplain\n")).toEqual([
    { kind: "title", text: "New" },
    { kind: "item", text: "one more" },
    { kind: "item", text: "<b>two</b>" },
    { kind: "text", text: "plain" },
  ]);
});

test("what is new is told in both languages, entry by entry", () => {
  const kinds = (text: string) => paragraphs(text).map((line) => line.kind);
  expect(kinds(german)).toEqual(kinds(english));
  expect(kinds(english).length).toBeGreaterThan(20);
});
