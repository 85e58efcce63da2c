import { expect, test } from "vitest";
import { caretAfter, groupedWhileTyping, looksComplete } from "./code";

test.each([
  ["k7m", "K7M"],
  ["k7mq", "K7MQ"],
  ["k7mq4", "K7MQ-4"],
  ["k7mq4rtx", "K7MQ-4RTX"],
  ["K7MQ 4RTX", "K7MQ-4RTX"],
  ["jane", "jane"],
  ["Jane Doyle", "Jane Doyle"],
  ["janet-spring", "janet-spring"],
  ["jane@salon.example", "jane@salon.example"],
  ["02079460101", "02079460101"],
  ["+44 20", "+44 20"],
  ["", ""],
])("%s is shown as %s while it is typed", (text, shown) => {
  expect(groupedWhileTyping(text)).toBe(shown);
});

test("a whole code needs no Enter; a name or a phone number does", () => {
  expect(
    ["K7MQ-4RTX", "k7mq 4rtx", "jonathan", "20794601", "K7MQ4RT", "K7MQ4RTXX"].map(looksComplete),
  ).toEqual([true, true, false, false, false, false]);
});

test("the caret stays behind the symbol that was typed", () => {
  expect(caretAfter("K7MQ4", 5, "K7MQ-4")).toBe(6);
  expect(caretAfter("K7XMQ-4", 3, "K7XM-Q4")).toBe(3);
  expect(caretAfter("jane", 2, "jane")).toBe(2);
});
