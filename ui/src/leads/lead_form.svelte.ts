// What a sales rep has typed about the person on the phone. It survives a look at another screen.
import { desk, faultOf, type LeadRecorded, type Person } from "../api/call";
import { Attempt } from "../shared/attempt.svelte";
import { contactOf, isWhole } from "../shared/contact";
import type { Who } from "../shared/hand_out.svelte";

export class LeadForm {
  readonly attempt = new Attempt();
  referrer = $state<Who | null>(null);
  person = $state<Person | null>(null);
  name = $state("");
  contact = $state("");
  note = $state("");
  callBack = $state<string | null>(null);
  saved = $state<LeadRecorded | null>(null);
  /** What is still missing, said beside its field after the first try. */
  wanted = $state<"referrer" | "name" | "contact" | null>(null);
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

  async save(): Promise<boolean> {
    if (this.attempt.busy) return false;
    this.wanted = !this.referrer
      ? "referrer"
      : !this.name.trim()
        ? "name"
        : !isWhole(this.contact)
          ? "contact"
          : null;
    const referrer = this.referrer;
    if (this.wanted || !referrer) return false;
    const saved = await this.attempt.make(async () => {
      this.saved = await desk.recordLead({
        op: this.#op,
        referrer_id: referrer.id,
        name: this.name.trim(),
        ...contactOf(this.contact),
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
    this.name = this.contact = this.note = "";
  }
}

export const leadForm = new LeadForm();
