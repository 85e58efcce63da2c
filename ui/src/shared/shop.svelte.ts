// The shop that is open, the bell, and how its amounts and moments are written.
import { onBell, type OpenShop } from "../api/call";
import { locale, speak } from "../i18n/index.svelte";
import { amountText, moneyText } from "./money";

const state = $state({ shop: null as OpenShop | null, rings: 0 });

export const bell = {
  /** Read it in an effect to ask again whenever something changed. */
  get rings(): number {
    return state.rings;
  },
  ring(): void {
    state.rings++;
  },
};

let listening = false;

export function enter(shop: OpenShop): void {
  state.shop = shop;
  speak(shop.language, shop.country);
  wear(shop.look);
  state.rings++;
  if (!listening) {
    listening = true;
    onBell(bell.ring);
  }
}

export function leave(): void {
  state.shop = null;
}

export function wear(look: OpenShop["look"]): void {
  if (look === "system") delete document.documentElement.dataset.look;
  else document.documentElement.dataset.look = look;
}

/** The open shop. Screens are only mounted while one is open. */
export function shop(): OpenShop {
  if (!state.shop) throw new Error("no shop is open");
  return state.shop;
}

export function openShop(): OpenShop | null {
  return state.shop;
}

export const amount = (minor: number): string => amountText(minor, shop().exponent, locale());
export const money = (minor: number): string => moneyText(minor, shop().currency, shop().exponent, locale());

const zone = (): string | undefined => state.shop?.timezone;

function written(at: string | Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(), options).format(typeof at === "string" ? new Date(at) : at);
}

export const time = (at: string): string =>
  written(at, { hour: "2-digit", minute: "2-digit", timeZone: zone() });
export const moment = (at: string): string =>
  written(at, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone(),
  });

/** A calendar day ("2026-12-31") has no time zone: it is written as it stands. */
export function day(date: string): string {
  const sameYear = date.startsWith(String(new Date().getFullYear()));
  return written(new Date(`${date}T00:00:00Z`), {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
    timeZone: "UTC",
  });
}

export const dayOf = (at: string): string =>
  written(at, { day: "numeric", month: "short", year: "numeric", timeZone: zone() });
/** The time for today, the whole moment for any other day. */
export const when = (at: string): string =>
  dayOf(at) === dayOf(new Date().toISOString()) ? time(at) : moment(at);
export const count = (number: number): string => new Intl.NumberFormat(locale()).format(number);
export const percent = (hundredths: number): string =>
  new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 2 }).format(hundredths / 10_000);
