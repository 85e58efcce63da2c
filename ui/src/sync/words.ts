// How entries and destinations are called on the screen.
import type { EntryView } from "../api/call";
import { t } from "../i18n/index.svelte";

export const whatOf = (entry: EntryView): string => t(`sync.what_${entry.what as "lead"}`);
export const nameOf = (entry: EntryView): string =>
  entry.name || t(entry.what === "coupon" ? "sync.discount" : "sync.nobody");
/** As their own names; the desk's view carries them only for whole destinations. */
export const titles = { stripe: "Stripe", referral_factory: "Referral Factory" } as const;
