import { expect, test } from "vitest";
import { contactOf, isWhole } from "./contact";

test("an @ makes it an e-mail, else it is a phone", () => {
  expect(contactOf(" leo@brandt.example ")).toEqual({ email: "leo@brandt.example", phone: null });
  expect(contactOf("+49 30 1234")).toEqual({ email: null, phone: "+49 30 1234" });
  expect(contactOf("  ")).toEqual({ email: null, phone: null });
});

test("half an address is not asked about yet", () => {
  const typed = [
    "leo@",
    "leo@brandt",
    "leo@brandt.example",
    "0302",
    "030 123456",
    "+44 (0)20 7946-0101",
    "leo",
  ];
  expect(typed.map(isWhole)).toEqual([false, false, true, false, true, true, false]);
});
