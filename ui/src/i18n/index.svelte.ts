// Every sentence on the screen comes from here, in ICU message form, in the language of the shop.
import { IntlMessageFormat } from "intl-messageformat";
import de from "./de.json";
import en from "./en.json";

export type Key = keyof typeof en;
export type Values = Record<string, string | number | Date | boolean | null | undefined>;

const messages: Record<string, Record<Key, string>> = { en, de };
export const languages = [
  { id: "en", name: "English" },
  { id: "de", name: "Deutsch" },
] as const;

const chosen = $state({ language: "en", country: null as string | null });
const formats = new Map<string, IntlMessageFormat>();

/** Language from the shop; the country only decides how numbers and dates look. */
export function speak(language: string, country: string | null = null): void {
  chosen.language = language in messages ? language : "en";
  chosen.country = country;
  document.documentElement.lang = chosen.language;
}

export function language(): string {
  return chosen.language;
}

/**
 * How numbers and moments are written: the way of the language, as the desk's own sentences have it. A mixture such as
 * `en-DE` writes 42,41 in one place and €42.41 in another.
 */
export function locale(): string {
  if (chosen.language === "de") return "de-DE";
  return chosen.country === "US" ? "en-US" : "en-GB";
}

export function t(key: Key, values?: Values): string {
  const text = messages[chosen.language]?.[key] ?? en[key];
  if (!text.includes("{") && !text.includes("'")) return text;
  const id = `${locale()} ${key}`;
  let format = formats.get(id);
  if (!format) {
    format = new IntlMessageFormat(text, locale());
    formats.set(id, format);
  }
  return String(format.format(values && apart(values)));
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u200f\u202a-\u202e\u2066-\u2069]/;

/** A name that is written from right to left turns nothing around but itself: it is set apart from the sentence. */
function apart(values: Values): Values {
  const set = (value: Values[string]) =>
    typeof value === "string" && rightToLeft.test(value)
      ? `\u2068${value.replace(/[\u202a-\u202e\u2066-\u2069]/g, "")}\u2069`
      : value;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, set(value)]));
}
