import { expect, test } from "vitest";
import { paragraphs } from "./changelog";

test("headings, items and wrapped lines become text, and markup stays text", () => {
  expect(paragraphs("# New\n\n- one\n  more\n- <b>two</b>\n\nplain\n")).toEqual([
    { kind: "title", text: "New" },
    { kind: "item", text: "one more" },
    { kind: "item", text: "<b>two</b>" },
    { kind: "text", text: "plain" },
  ]);
});
