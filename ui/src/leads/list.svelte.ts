// The leads that are shown: a search, a filter, and pages fetched while one scrolls.
import { desk, faultOf, type Fault, type LeadRow, type LeadsAsk } from "../api/call";

export type Show = LeadsAsk["show"];
const pageRows = 100;

export class LeadList {
  search = $state("");
  show = $state<Show>("all");
  rows = $state.raw<LeadRow[]>([]);
  total = $state(0);
  next = $state<string | null>(null);
  loaded = $state(false);
  fault = $state<Fault | null>(null);
  #asked = 0;

  async ask(): Promise<void> {
    const turn = ++this.#asked;
    const rows_max = Math.max(pageRows, Math.min(this.rows.length, 5 * pageRows));
    try {
      const page = await desk.leads({ search: this.search, show: this.show, after: null, rows_max });
      if (turn !== this.#asked) return;
      Object.assign(this, { rows: page.rows, total: page.total, next: page.next, loaded: true, fault: null });
    } catch (cause) {
      if (turn === this.#asked) this.fault = faultOf(cause);
    }
  }

  async more(): Promise<void> {
    if (!this.next) return;
    const turn = ++this.#asked;
    const after = this.next;
    this.next = null;
    try {
      const page = await desk.leads({ search: this.search, show: this.show, after, rows_max: pageRows });
      if (turn !== this.#asked) return;
      this.rows = [...this.rows, ...page.rows];
      this.next = page.next;
    } catch (cause) {
      this.fault = faultOf(cause);
    }
  }
}
