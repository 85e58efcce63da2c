// What is typed on the first page, and whether it is enough to open the shop.
import { desk, type CouponView, type NewShop, type Opening } from "../api/call";
import { language, locale, t } from "../i18n/index.svelte";
import { Attempt } from "../shared/attempt.svelte";
import { exponentOf, moneyText, parseAmount, parsePercent } from "../shared/money";

export type Guess = Extract<Opening, { state: "first_run" }>["guess"];
export type CouponKind = "percent" | "amount" | "none";

export class NewShopForm {
  readonly attempt = new Attempt();
  name = $state("");
  currency = $state("");
  timezone = $state("");
  campaign = $state("");
  kind = $state<CouponKind>("percent");
  value = $state("10");
  firstTimeOnly = $state(true);
  uses = $state("");
  minimum = $state("");
  expires = $state<string | null>(null);
  tried = $state(false);

  constructor(readonly guess: Guess) {
    this.currency = guess.currency;
    this.timezone = guess.timezone;
    this.campaign = t("opening.campaign_default");
  }

  get exponent(): number {
    return exponentOf(this.currency);
  }

  get coupon(): CouponView | null {
    const plain = { percent: null, amount: null, duration: "once" as const, months: null };
    if (this.kind === "percent") return { ...plain, percent: parsePercent(this.value) };
    if (this.kind === "amount") return { ...plain, amount: parseAmount(this.value, this.exponent) };
    return null;
  }

  /** The sentence that staff will see, or what is still unclear. */
  get offer(): string {
    const coupon = this.coupon;
    if (!coupon) return t("opening.offer_none");
    if (coupon.percent) {
      const format = new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 2 });
      return t("opening.offer", { value: format.format(coupon.percent / 10_000) });
    }
    if (coupon.amount) {
      return t("opening.offer", { value: moneyText(coupon.amount, this.currency, this.exponent, locale()) });
    }
    return "";
  }

  get redemptionsMax(): number | null | undefined {
    if (this.uses.trim() === "") return null;
    const number = Number(this.uses.trim());
    return Number.isInteger(number) && number > 0 && number < 1_000_000 ? number : undefined;
  }

  get orderMin(): number | null | undefined {
    if (this.minimum.trim() === "") return null;
    return parseAmount(this.minimum, this.exponent) ?? undefined;
  }

  /** The fields that still need a hand, in the order of the page. */
  get missing(): string[] {
    const open: string[] = [];
    if (!this.name.trim()) open.push("name");
    if (!this.campaign.trim()) open.push("campaign");
    if (this.offer === "") open.push("value");
    if (this.redemptionsMax === undefined) open.push("uses");
    if (this.orderMin === undefined) open.push("minimum");
    return open;
  }

  get ask(): NewShop {
    return {
      name: this.name.trim(),
      currency: this.currency,
      timezone: this.timezone,
      country: this.guess.country,
      language: language(),
      campaign: this.campaign.trim(),
      coupon: this.coupon,
      rules: {
        first_time_only: this.firstTimeOnly,
        redemptions_max: this.redemptionsMax ?? null,
        expires: this.expires,
        starts: null,
        order_min: this.orderMin || null,
      },
    };
  }

  async open(): Promise<Opening | undefined> {
    this.tried = true;
    if (this.missing.length) return undefined;
    return this.attempt.make(() => desk.openShop(this.ask));
  }

  async practise(): Promise<Opening | undefined> {
    return this.attempt.make(() => desk.practice(true));
  }
}
