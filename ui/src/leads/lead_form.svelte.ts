// What a sales rep has typed about the person on the phone. It survives a look at another screen.
import { desk, faultOf, type Fault, type LeadRecorded, type Person } from "../api/call";
import { contactOf, isWhole } from "../shared/contact";
import type { Who } from "../shared/hand_out.svelte";

export class LeadForm {
  referrer = $state<Who | null>(null);
  person = $state<Person | null>(null);
  name = $state("");
  contact = $state("");
  note = $state("");
  callBack = $state<string | null>(null);
  busy = $state(false);
  fault = $state<Fault | null>(null);
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
      this.fault = faultOf(cause);
    }
  }

  /** A code is made when it has to be read out and does not exist yet. */
  async generate(): Promise<void> {
    if (!this.referrer) return;
    try {
      this.person = await desk.generateCode(this.referrer.id);
    } catch (cause) {
      this.fault = faultOf(cause);
    }
  }

  async save(): Promise<boolean> {
    if (this.busy) return false;
    this.wanted = !this.referrer
      ? "referrer"
      : !this.name.trim()
        ? "name"
        : !isWhole(this.contact)
          ? "contact"
          : null;
    if (this.wanted || !this.referrer) return false;
    this.busy = true;
    this.fault = null;
    try {
      this.saved = await desk.recordLead({
        op: this.#op,
        referrer_id: this.referrer.id,
        name: this.name.trim(),
        ...contactOf(this.contact),
        note: this.note.trim() || null,
        call_back: this.callBack,
      });
      this.clear();
      return true;
    } catch (cause) {
      this.fault = faultOf(cause);
      return false;
    } finally {
      this.busy = false;
    }
  }

  clear(): void {
    this.turn++;
    this.#op = crypto.randomUUID();
    this.referrer = this.person = this.callBack = this.wanted = this.fault = null;
    this.name = this.contact = this.note = "";
  }
}

export const leadForm = new LeadForm();
