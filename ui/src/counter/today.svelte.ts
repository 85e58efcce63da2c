// Today's counterfoils, asked again at every bell.
import { desk, faultOf, type Fault, type Today } from "../api/call";

const state = $state({ today: null as Today | null, fault: null as Fault | null, fresh: "" });

export const today = {
  get now(): Today | null {
    return state.today;
  },
  get fault(): Fault | null {
    return state.fault;
  },
  /** The counterfoil that was torn off just now: it slides in. */
  get fresh(): string {
    return state.fresh;
  },
  forget(): void {
    state.today = state.fault = null;
    state.fresh = "";
  },
  async ask(fresh = ""): Promise<void> {
    try {
      const answer = await desk.today(null);
      if (fresh) state.fresh = fresh;
      state.today = answer;
      state.fault = null;
    } catch (cause) {
      state.fault = faultOf(cause);
    }
  },
};
