// One field for an e-mail or a phone, told apart by the @.
import type { Customer } from "../api/call";

export type Contact = Pick<Customer, "email" | "phone">;

export function contactOf(text: string): Contact {
  const bare = text.trim();
  if (bare === "") return { email: null, phone: null };
  return bare.includes("@") ? { email: bare, phone: null } : { email: null, phone: bare };
}

export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(text.trim());
}

export function isPhone(text: string): boolean {
  return text.replace(/\D/g, "").length >= 6 && /^[\d\s+()./-]+$/.test(text);
}

/** Whole enough to be asked about; half an address would only be refused while it is still typed. */
export function isWhole(text: string): boolean {
  return isEmail(text) || isPhone(text);
}

export function contactText(person: Contact): string {
  return [person.email, person.phone].filter(Boolean).join(" · ");
}
