// How uploading stands: asked at every bell, and while it runs a little oftener, for its count.
import { desk, faultOf, type DestinationView, type Fault, type SyncScreen } from "../api/call";

const state = $state({ now: null as SyncScreen | null, fault: null as Fault | null });
const lookAgainMs = 700;
let asked = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export const standing = {
  get now(): SyncScreen | null {
    return state.now;
  },
  get fault(): Fault | null {
    return state.fault;
  },
  /** The first destination that takes nothing more until a person acts. */
  get refused(): DestinationView | null {
    return state.now?.view.destinations.find((one) => one.connected_at && one.refused) ?? null;
  },
  /** How many things need a person. */
  get people(): number {
    const view = state.now?.view;
    if (!view) return 0;
    const used = view.destinations.filter((one) => one.connected_at || one.by_file);
    return used.reduce((sum, one) => sum + one.needs_a_person + (one.refused ? 1 : 0), view.conflicts);
  },
  take(answer: SyncScreen): void {
    asked++;
    clearTimeout(timer);
    state.now = answer;
    state.fault = null;
    if (answer.running_since) timer = setTimeout(standing.ask, lookAgainMs);
  },
  async ask(): Promise<void> {
    const turn = ++asked;
    try {
      const answer = await desk.syncView();
      if (turn === asked) standing.take(answer);
    } catch (cause) {
      if (turn === asked) state.fault = faultOf(cause);
    }
  },
  forget(): void {
    asked++;
    clearTimeout(timer);
    state.now = state.fault = null;
  },
};
