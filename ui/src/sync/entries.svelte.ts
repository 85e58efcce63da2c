// The entries that are shown: a destination, a state, and pages fetched while one scrolls.
import { desk, faultOf, type Destination, type EntryState, type EntryView, type Fault } from "../api/call";

/** The states behind each choice, in the order they are listed: what needs somebody comes first. */
const states = {
  open: ["needs_a_person", "conflict", "sending", "waiting", "parked"],
  needs_a_person: ["needs_a_person"],
  conflict: ["conflict"],
  parked: ["parked"],
  waiting: ["sending", "waiting"],
  uploaded: ["uploaded"],
  all: [null],
} satisfies Record<string, (EntryState | null)[]>;

export type Show = keyof typeof states;
export const shows = Object.keys(states) as Show[];
/** How far one has read: which of the states, and where in its pages. */
type Mark = { place: number; after: string | null };
const pageRows = 100;

export class EntryList {
  destination = $state<Destination | "">("");
  show = $state<Show>("open");
  rows = $state.raw<EntryView[]>([]);
  next = $state.raw<Mark | null>(null);
  loaded = $state(false);
  fault = $state<Fault | null>(null);
  #asked = 0;

  async ask(): Promise<void> {
    const wanted = Math.max(pageRows, Math.min(this.rows.length, 5 * pageRows));
    await this.#read({ place: 0, after: null }, wanted, []);
    this.loaded = true;
  }

  async more(): Promise<void> {
    const from = this.next;
    this.next = null;
    if (from) await this.#read(from, pageRows, this.rows);
  }

  async #read(from: Mark, wanted: number, before: EntryView[]): Promise<void> {
    const turn = ++this.#asked;
    const asked: (EntryState | null)[] = states[this.show];
    // An entry that moves on between two asks would come twice.
    const found = new Map(before.map((row) => [row.id, row]));
    let mark: Mark | null = from;
    try {
      while (mark && found.size < before.length + wanted) {
        const { place, after }: Mark = mark;
        const page = await desk.entries({
          destination: this.destination || null,
          state: asked[place] ?? null,
          after,
          rows_max: before.length + wanted - found.size,
        });
        if (turn !== this.#asked) return;
        // What somebody set aside is not looked for among what is still to go up.
        for (const row of page.rows) if (this.show !== "open" || !row.set_aside) found.set(row.id, row);
        mark = page.next
          ? { place, after: page.next }
          : place + 1 < asked.length
            ? { place: place + 1, after: null }
            : null;
      }
      this.rows = [...found.values()];
      this.next = mark;
      this.fault = null;
    } catch (cause) {
      if (turn === this.#asked) this.fault = faultOf(cause);
    }
  }
}
