import { describe, expect, test } from "vitest";
import { amountText, decimalText, exponentOf, parseAmount, parsePercent } from "./money";

describe("an order total as people type it", () => {
  test.each([
    ["49.90", 2, 4990],
    ["49,90", 2, 4990],
    ["49,9", 2, 4990],
    ["49", 2, 4900],
    [" 49 ", 2, 4900],
    ["1 234,50", 2, 123450],
    ["1\u00a0234,50", 2, 123450],
    ["1\u202f234,50", 2, 123450],
    ["1.234,50", 2, 123450],
    ["1,234.50", 2, 123450],
    ["1’234.50", 2, 123450],
    ["1.234", 2, null],
    ["1.234.567", 2, 123456700],
    [",50", 2, 50],
    ["0,005", 2, null],
    ["€49.90", 2, 4990],
    ["49,90 €", 2, 4990],
    ["EUR 49.90", 2, 4990],
    ["٤٩", 2, null],
    ["4９.9０", 2, 4990],
    ["", 2, null],
    [".", 2, null],
    ["abc", 2, null],
    ["-5", 2, null],
    ["1e5", 2, null],
    ["12.34.5", 2, null],
    ["1,23,456", 2, null],
    ["4.999", 3, 4999],
    ["4,9", 3, 4900],
    ["1500", 0, 1500],
    ["1,500", 0, 1500],
    ["1500.00", 0, 1500],
    ["1500.50", 0, null],
    ["999999999999", 2, null],
    ["0.1", 2, 10],
    ["0.29", 2, 29],
    ["1.15", 2, 115],
  ])("%s with %i decimals is %s", (text, exponent, minor) => {
    expect(parseAmount(text, exponent)).toBe(minor);
  });

  test("what is shown can be typed again, in every locale and exponent", () => {
    for (const locale of ["en-GB", "de-DE", "fr-FR", "de-CH"]) {
      for (const exponent of [0, 2, 3]) {
        for (const minor of [0, 1, 99, 1000, 123456, 98765432]) {
          expect(parseAmount(amountText(minor, exponent, locale), exponent)).toBe(minor);
        }
      }
    }
  });
});

test("minor units become text without a float", () => {
  expect(decimalText(5, 2)).toBe("0.05");
  expect(decimalText(-1500, 2)).toBe("-15.00");
  expect(decimalText(9007199254740991, 3)).toBe("9007199254740.991");
  expect(decimalText(7, 0)).toBe("7");
});

test("exponents are those of ISO 4217", () => {
  expect(["EUR", "JPY", "KWD", "IQD", "HUF"].map(exponentOf)).toEqual([2, 0, 3, 3, 2]);
});

test("a percentage is hundredths of a percent", () => {
  expect(["10", "12,5", "7.25 %", "0", "101", "x"].map(parsePercent)).toEqual([
    1000,
    1250,
    725,
    null,
    null,
    null,
  ]);
});
