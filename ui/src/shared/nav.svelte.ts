// Which screen is shown, and the parcel that one screen leaves for the next.
import type { Scan } from "./scanner";

export type Screen = "counter" | "lead" | "referrers" | "leads" | "cards" | "import" | "sync" | "settings";
export type Parcel = {
  person?: string;
  code?: string;
  scan?: Scan;
  search?: string;
  add?: boolean;
  /** Whom cards are printed for. */
  cards?: { id: string; name: string }[];
  batch?: number;
  kind?: "referrers" | "customers";
  lead?: { referrer: { id: string; name: string }; name: string; contact: string };
};

const state = $state({ screen: "counter" as Screen, parcel: null as Parcel | null, visits: 0 });

export const nav = {
  get screen(): Screen {
    return state.screen;
  },
  /** Grows with every step, also to the same screen: its effect puts the focus where it belongs. */
  get visits(): number {
    return state.visits;
  },
  go(screen: Screen, parcel: Parcel | null = null): void {
    state.parcel = parcel;
    state.screen = screen;
    state.visits++;
  },
  /** Taken once, by the screen it was left for. */
  take(): Parcel | null {
    const parcel = state.parcel;
    state.parcel = null;
    return parcel;
  },
};
