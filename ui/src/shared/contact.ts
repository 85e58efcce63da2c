// One field for an e-mail or a phone, told apart by the @.
import type { Customer } from "../api/call";

export type Contact = Pick<Customer, "email" | "phone">;

export function contactOf(text: string): Contact {
  const bare = text.trim();
  if (bare === "") return { email: null, phone: null };
  return bare.includes("@") ? { email: bare, phone: null } : { email: null, phone: bare };
}

/** Whole enough to be asked about; half an address would only be refused while it is still typed. */
export function isWhole(text: string): boolean {
  const { email, phone } = contactOf(text);
  if (email) return /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(email);
  if (phone) return phone.replace(/\D/g, "").length >= 6 && /^[\d\s+()./-]+$/.test(phone);
  return false;
}

export function contactText(person: Contact): string {
  return [person.email, person.phone].filter(Boolean).join(" · ");
}
