// One sale with a code, from the first key to the counterfoil. The screen only shows this; it survives a look elsewhere.
import {
  desk,
  faultOf,
  type Counterfoil,
  type Customer,
  type Fault,
  type Hit,
  type Ticket,
} from "../api/call";
import { t } from "../i18n/index.svelte";
import { bareCode, codeBeforeTotal, groupedWhileTyping, isWholeCode, looksComplete } from "../shared/code";
import { contactOf, isWhole } from "../shared/contact";
import { parseAmount } from "../shared/money";
import { gapMsMax, type Scan } from "../shared/scanner";
import { amount, shop } from "../shared/shop.svelte";

/** A person's key is looked up at once; keys as quick as a scanner's wait for the end of the burst, so that it is not looked up in halves. */
const burstMs = gapMsMax + 25;
const recheckMs = 120;
/** Longer than this nobody should wonder whether the key was heard. */
const lateMs = 500;

export type Place = "code" | "order" | "name" | "contact";
export type Override = { manager: string; note: string };

export class Sale {
  text = $state("");
  hits = $state<Hit[]>([]);
  searched = $state("");
  ticket = $state<Ticket | null>(null);
  orderText = $state("");
  name = $state("");
  contact = $state("");
  busy = $state(false);
  /** Recording takes so long that it has to be said why. */
  late = $state(false);
  /** The desk knew this operation already: the sale stands once, and the till says so. */
  replayed = false;
  fault = $state<Fault | null>(null);
  /** What was scanned while a sale is being recorded: it comes up once that one is, and is never lost with it. */
  next = $state<(() => void) | null>(null);
  /** What is typed meanwhile stands in the code field and waits as well; null while the field holds this sale's own code. */
  ahead = $state<string | null>(null);
  /** What keeps Record from going through, beside the field that can mend it. */
  wanted = $state<Place | null>(null);
  /** Grows whenever the focus should move to `place`. */
  place = $state<{ at: Place; select: boolean; turn: number }>({ at: "code", select: false, turn: 0 });

  /** Staff asked, and the customer gives neither e-mail nor phone: said by its own button, never by a key pressed twice. */
  #noContact = false;
  #op = "";
  /** The code as it was read: a scan also says of which batch the card is. */
  #read = "";
  #asked = 0;
  #typedAt = -Infinity;
  #stale = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The search that is on its way, and for which text. */
  #search: { text: string; done: Promise<void> } | null = null;

  get order(): number | null {
    return parseAmount(this.orderText, shop().exponent);
  }

  get started(): boolean {
    return [this.orderText, this.name, this.contact].some((text) => text.trim() !== "");
  }

  get customer(): Customer {
    const whole = isWhole(this.contact) ? contactOf(this.contact) : { email: null, phone: null };
    return { name: this.name.trim() || null, ...whole };
  }

  goTo(at: Place, select = false): void {
    this.place = { at, select, turn: this.place.turn + 1 };
  }

  /** Each key in the code field: group it, and look while it is typed. */
  type(text: string): string {
    const shown = groupedWhileTyping(text);
    if (this.ahead !== null) {
      this.ahead = shown || this.busy ? shown : null;
      return shown;
    }
    this.text = shown;
    this.ticket = null;
    this.fault = null;
    const turn = ++this.#asked;
    const now = performance.now();
    const before = this.#typedAt;
    this.#typedAt = now;
    clearTimeout(this.#timer);
    if (shown.trim() === "") {
      this.hits = [];
      this.searched = "";
    } else {
      const quick = now - before < gapMsMax;
      if (quick) this.#timer = setTimeout(() => void this.#lookUp(shown, turn), burstMs);
      else void this.#lookUp(shown, turn);
    }
    return shown;
  }

  #lookUp(text: string, turn: number): Promise<void> {
    const done = this.#look(text, turn);
    this.#search = { text, done };
    return done;
  }

  async #look(text: string, turn: number): Promise<void> {
    try {
      if (looksComplete(text)) {
        await this.open(text, { stay: true });
        return;
      }
      const hits = await desk.find(text);
      if (turn !== this.#asked) return;
      const [only, other] = hits;
      // All letters, so that it might have been a name: but it is this code, and nobody else is meant. Or a code with its order total.
      const letters = only?.code && !other && isWholeCode(text, only.code) ? text : null;
      const code = hits.length ? letters : codeBeforeTotal(text);
      if (code) {
        await this.open(code, { stay: true });
        return;
      }
      this.hits = hits;
      this.searched = text;
    } catch (cause) {
      if (turn === this.#asked) this.fault = faultOf(cause);
    }
  }

  /** Asks for the ticket of a code. With `stay` an unknown code leaves the caret where it is: more may come. */
  async open(code: string, { stay = false, scanned = false } = {}): Promise<void> {
    clearTimeout(this.#timer);
    const turn = ++this.#asked;
    this.fault = null;
    try {
      const ticket = await desk.check({ code, order: this.order, currency: null, customer: this.customer });
      const overtaken = turn !== this.#asked;
      const typedOn = ticket.code && (stay || overtaken) ? this.#typedOn(code) : "";
      if (overtaken) {
        if (!typedOn) return;
        clearTimeout(this.#timer);
        this.#asked++;
      }
      this.hits = [];
      this.searched = "";
      this.ticket = ticket;
      this.#stale = false;
      this.wanted = null;
      if (ticket.code) {
        this.#op = crypto.randomUUID();
        this.#read = scanned ? code : ticket.code;
        this.text = ticket.code;
        this.goTo("order", !scanned && !typedOn);
        if (typedOn) {
          this.orderText = typedOn;
          this.changed();
        }
      } else if (!stay) {
        this.goTo("code");
      }
    } catch (cause) {
      if (turn === this.#asked) this.fault = faultOf(cause);
    }
  }

  /** What was typed behind a whole code before its ticket was there: its order total. */
  #typedOn(code: string): string {
    const [whole, typed] = [bareCode(code), bareCode(this.text)];
    return typed.startsWith(whole) ? typed.slice(whole.length) : "";
  }

  /** Enter in the code field where no list to choose from is shown, or not yet: a name may be quicker than its search. */
  async enter(): Promise<void> {
    const text = this.text;
    if (text.trim() === "") return;
    if (this.searched !== text && !looksComplete(text)) {
      clearTimeout(this.#timer);
      const turn = this.#asked;
      await (this.#search?.text === text ? this.#search.done : this.#lookUp(text, turn));
      if (turn !== this.#asked || this.fault) return;
      const [best] = this.hits;
      if (best) return this.choose(best);
    }
    await this.open(text);
  }

  /** A person from the list; a code is made when it has to be shown and does not exist yet. */
  async choose(hit: Hit): Promise<void> {
    if (hit.code) return this.open(hit.code);
    try {
      const person = await desk.generateCode(hit.referrer.id);
      if (person.code) await this.open(person.code.code);
    } catch (cause) {
      this.fault = faultOf(cause);
    }
  }

  /** A scan beats whatever is in the code field. A wrong keyboard layout may have swapped letters: try the keys' own. */
  async scan(scan: Scan): Promise<void> {
    this.text = groupedWhileTyping(scan.text);
    await this.open(scan.text, { scanned: true });
    if (this.ticket && !this.ticket.code && scan.physical !== scan.text) {
      const asTyped = this.ticket;
      await this.open(scan.physical, { scanned: true });
      if (!this.ticket?.code) this.ticket = asTyped;
    }
  }

  /** Each key in the other fields: the ticket is asked again, and late answers are dropped. */
  changed(): void {
    this.#noContact = false;
    this.wanted = null;
    this.fault = null;
    if (!this.ticket?.code) return;
    this.#stale = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.recheck(), recheckMs);
  }

  async recheck(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.ticket?.code) return;
    const turn = ++this.#asked;
    try {
      const ticket = await desk.check({
        code: this.#read,
        order: this.order,
        currency: null,
        customer: this.customer,
      });
      if (turn !== this.#asked) return;
      this.ticket = ticket;
      this.#stale = false;
    } catch (cause) {
      if (turn === this.#asked) this.fault = faultOf(cause);
    }
  }

  /** The first thing that is still missing, or null when the sale can be recorded. */
  missing(override: Override | null): Place | null {
    if (!this.ticket?.code) return "code";
    if (!this.order) return "order";
    if (this.contact.trim() !== "" && !isWhole(this.contact)) return "contact";
    // Of a sale that is refused as it stands, nothing more is asked.
    const { allowed, asks_contact } = this.ticket;
    if (allowed && asks_contact && !override && !this.#noContact && !isWhole(this.contact)) return "contact";
    return null;
  }

  hint(place: Place): string {
    if (place === "order") {
      const example = amount(4990 * 10 ** Math.max(0, shop().exponent - 2));
      return this.orderText.trim() ? t("ticket.order_unclear", { example }) : t("ticket.order_needed");
    }
    return this.contact.trim() ? t("ticket.contact_partial") : t("ticket.contact_needed");
  }

  /** Records although the code is for first orders and no contact is given. */
  recordWithoutContact(): Promise<Counterfoil | null> {
    this.#noContact = true;
    return this.record();
  }

  /**
   * Records once, however often Enter is pressed: one try at a time, and every try of this ticket carries the same
   * operation id, so the desk recognises a repeated one.
   */
  async record(override: Override | null = null): Promise<Counterfoil | null> {
    if (this.busy) return null;
    this.busy = true;
    this.fault = null;
    const lateness = setTimeout(() => (this.late = true), lateMs);
    try {
      if (this.#stale) await this.recheck();
      const missing = this.missing(override);
      if (missing) {
        this.wanted = missing;
        this.goTo(missing);
        return null;
      }
      const ticket = this.ticket;
      if (!ticket?.code || (!ticket.allowed && !override)) return null;
      const done = await desk.redeem({
        op: this.#op,
        code: this.#read,
        order: this.order ?? 0,
        customer: this.customer,
        currency: null,
        reference: null,
        override_by: override,
        no_contact: this.#noContact,
      });
      if (!done.redemption) {
        this.ticket = done;
        return null;
      }
      this.clear();
      this.replayed = done.replayed;
      return done.redemption;
    } catch (cause) {
      this.fault = faultOf(cause);
      return null;
    } finally {
      clearTimeout(lateness);
      this.busy = this.late = false;
      this.ahead ||= null;
    }
  }

  /** A scan waits for the sale that is being recorded. As always it beats what was typed in the code field before. */
  wait(next: (() => void) | null): void {
    this.next = next;
    this.ahead = null;
  }

  /** Back to the ready till: everything empty, the focus in the code field, and then whatever has waited for it. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#op = this.#read = "";
    this.#noContact = false;
    this.#stale = false;
    this.text = this.orderText = this.name = this.contact = this.searched = "";
    this.hits = [];
    this.ticket = null;
    this.wanted = null;
    this.fault = null;
    this.goTo("code");
    const { next, ahead } = this;
    this.wait(null);
    if (next) {
      // What is typed after a scan is its order total.
      this.orderText = ahead ?? "";
      next();
    } else if (ahead) this.type(ahead);
  }
}

export const sale = new Sale();
