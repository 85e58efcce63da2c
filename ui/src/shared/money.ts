// Amounts are whole minor units with the currency's exponent; decimal text goes in and out without a float in between.

/** Where ICU's digits differ from ISO 4217 (ICU drops minor units that nobody pays with any more). */
const isoExponents: Record<string, number> = {
  AFN: 2, ALL: 2, COP: 2, HUF: 2, IDR: 2, IQD: 3, IRR: 2, KPW: 2, LAK: 2, LBP: 2, MGA: 2, MMK: 2,
  PKR: 2, RSD: 2, SLE: 2, SOS: 2, SYP: 2, TZS: 2, UYW: 4, YER: 2,
}; // prettier-ignore

export function exponentOf(currency: string): number {
  const known = isoExponents[currency];
  if (known !== undefined) return known;
  try {
    return (
      new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ??
      2
    );
  } catch {
    return 2;
  }
}

/**
 * `49.90`, `49,90`, `1 234,50`, `1.234,50`, `1'234.50`, `€ 5` → minor units; null when it can't be one amount.
 * A lone separator before three digits is refused where the currency has decimals, as the desk does: it could mean
 * thousands or a slip of the finger, and a till must not guess.
 */
export function parseAmount(text: string, exponent: number): number | null {
  const bare = text
    .normalize("NFKC")
    .replace(/[\s'’_]/g, "")
    .replace(/^\p{Sc}|\p{Sc}$|^[A-Za-z]{3}(?=\d)|(?<=\d)[A-Za-z]{3}$/gu, "");
  if (!/^[\d.,]+$/.test(bare) || !/\d/.test(bare)) return null;

  const last = Math.max(bare.lastIndexOf("."), bare.lastIndexOf(","));
  let whole = bare;
  let part = "";
  if (last >= 0) {
    const mark = bare.charAt(last);
    const other = mark === "." ? "," : ".";
    const marks = bare.split(mark).length - 1;
    const after = bare.slice(last + 1);
    const alone = marks === 1 && !bare.includes(other);
    if (alone && after.length === 3 && exponent !== 0 && exponent !== 3) return null;
    const groups = marks > 1 || (alone && after.length === 3 && exponent === 0);
    if (!groups) {
      whole = bare.slice(0, last);
      part = after;
    }
  }
  if (/[.,]/.test(whole) && !/^\d{1,3}([.,]\d{3})+$/.test(whole)) return null;
  if (/\./.test(whole) && /,/.test(whole)) return null;
  const extra = part.slice(exponent);
  if (/[1-9]/.test(extra)) return null;

  const digits = whole.replace(/[.,]/g, "") + part.slice(0, exponent).padEnd(exponent, "0");
  const minor = Number(digits || "0");
  // A till never sees a thousand million; beyond it a finger slept on a key.
  return minor <= 99_999_999_999 ? minor : null;
}

/** Minor units as exact decimal text: 8500, 2 → "85.00". */
export function decimalText(minor: number, exponent: number): `${number}` {
  const sign = minor < 0 ? "-" : "";
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  const text = exponent === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return `${sign}${text}` as `${number}`;
}

/** The amount alone, in the reader's way of writing numbers. */
export function amountText(minor: number, exponent: number, locale: string): string {
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  return format.format(decimalText(minor, exponent)).replace("-", "−");
}

/** The amount with its currency's sign. */
export function moneyText(minor: number, currency: string, exponent: number, locale: string): string {
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  return format.format(decimalText(minor, exponent));
}

/** "12,5" → 1250 hundredths of a percent; null unless between 0 (not included) and 100. */
export function parsePercent(text: string): number | null {
  const minor = parseAmount(text.replace("%", ""), 2);
  return minor !== null && minor > 0 && minor <= 10_000 ? minor : null;
}
