// What a sales rep has typed about the person on the phone. It survives a look at another screen.
import { desk, faultOf, type LeadRecorded, type Person } from "../api/call";
import { Attempt } from "../shared/attempt.svelte";
import { isEmail, isPhone } from "../shared/contact";
import type { Who } from "../shared/hand_out.svelte";

export class LeadForm {
  readonly attempt = new Attempt();
  referrer = $state<Who | null>(null);
  person = $state<Person | null>(null);
  name = $state("");
  email = $state("");
  phone = $state("");
  note = $state("");
  callBack = $state<string | null>(null);
  saved = $state<LeadRecorded | null>(null);
  /** What is still missing, said beside its field after the first try. */
  wanted = $state<"referrer" | "name" | "phone" | "email" | null>(null);
  /** A new form is a new turn: the picker starts afresh with it. */
  turn = $state(0);
  #op = crypto.randomUUID();

  async choose(chosen: Who | null): Promise<void> {
    this.referrer = chosen;
    this.person = null;
    if (this.wanted === "referrer") this.wanted = null;
    if (!chosen) return;
    try {
      const person = await desk.person(chosen.id);
      if (this.referrer?.id === chosen.id) this.person = person;
    } catch (cause) {
      this.attempt.fault = faultOf(cause);
    }
  }

  /** A code is made when it has to be read out and does not exist yet. */
  async generate(): Promise<void> {
    if (!this.referrer) return;
    try {
      this.person = await desk.generateCode(this.referrer.id);
    } catch (cause) {
      this.attempt.fault = faultOf(cause);
    }
  }

  /** One contact is enough; one that is typed has to be whole. */
  #missing(): LeadForm["wanted"] {
    const [email, phone] = [this.email.trim(), this.phone.trim()];
    if (!this.referrer) return "referrer";
    if (!this.name.trim()) return "name";
    if (phone ? !isPhone(phone) : !email) return "phone";
    return email && !isEmail(email) ? "email" : null;
  }

  async save(): Promise<boolean> {
    if (this.attempt.busy) return false;
    this.wanted = this.#missing();
    const referrer = this.referrer;
    if (this.wanted || !referrer) return false;
    const saved = await this.attempt.make(async () => {
      this.saved = await desk.recordLead({
        op: this.#op,
        referrer_id: referrer.id,
        name: this.name.trim(),
        email: this.email.trim() || null,
        phone: this.phone.trim() || null,
        note: this.note.trim() || null,
        call_back: this.callBack,
      });
      this.clear();
      return true;
    });
    return saved ?? false;
  }

  clear(): void {
    this.turn++;
    this.#op = crypto.randomUUID();
    this.referrer = this.person = this.callBack = this.wanted = this.attempt.fault = null;
    this.name = this.email = this.phone = this.note = "";
  }
}

export const leadForm = new LeadForm();
