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

/** `en-DE` is a fine locale for Intl; English without a country reads as British, with 24 hours. */
export function locale(): string {
  const country = chosen.country ?? (chosen.language === "en" ? "GB" : null);
  const wanted = country ? `${chosen.language}-${country}` : chosen.language;
  try {
    return Intl.getCanonicalLocales(wanted)[0] ?? chosen.language;
  } catch {
    return chosen.language;
  }
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
  return String(format.format(values));
}
