// The referrers that are shown: a search, "no code yet", and pages fetched while one scrolls. Survives a look at a person.
import { desk, faultOf, type Fault, type ReferrerRow } from "../api/call";

const pageRows = 200;

export class ReferrerList {
  search = $state("");
  withoutCode = $state(false);
  rows = $state.raw<ReferrerRow[]>([]);
  total = $state(0);
  missing = $state(0);
  next = $state<string | null>(null);
  loaded = $state(false);
  fault = $state<Fault | null>(null);
  #asked = 0;

  async ask(): Promise<void> {
    const turn = ++this.#asked;
    // A bell must not throw somebody who has scrolled far back to the first page; a new search may.
    const rows_max = Math.max(pageRows, Math.min(this.rows.length, 5 * pageRows));
    try {
      const page = await desk.referrers({
        search: this.search,
        without_code: this.withoutCode,
        after: null,
        rows_max,
      });
      if (turn !== this.#asked) return;
      this.rows = page.rows;
      this.total = page.total;
      this.missing = page.without_code;
      this.next = page.next;
      this.loaded = true;
      this.fault = null;
    } catch (cause) {
      if (turn === this.#asked) this.fault = faultOf(cause);
    }
  }

  async more(): Promise<void> {
    const after = this.next;
    if (!after) return;
    const turn = ++this.#asked;
    this.next = null;
    try {
      const page = await desk.referrers({
        search: this.search,
        without_code: this.withoutCode,
        after,
        rows_max: pageRows,
      });
      if (turn !== this.#asked) return;
      this.rows = [...this.rows, ...page.rows];
      this.next = page.next;
    } catch (cause) {
      this.fault = faultOf(cause);
    }
  }
}

export const list = new ReferrerList();
