// Handing a code out, from wherever somebody stands: F4, a person's page, the counter. Shell shows the dialog.
export type Who = { id: string; name: string };
/** A text for many: those whose code was never handed out, or everybody. */
export type Many = "not_handed_out" | "all";

const state = $state({
  open: false,
  who: null as Who | null,
  near: null as Who | null,
  many: false,
});

export const handOut = {
  get open(): boolean {
    return state.open;
  },
  set open(on: boolean) {
    state.open = on;
  },
  /** None: the dialog asks for whom. */
  get who(): Who | null {
    return state.who;
  },
  set who(who: Who | null) {
    state.who = who;
  },
  /** Whoever the screen is about; F4 then means them. */
  near(who: Who | null): void {
    state.near = who;
  },
  begin(who: Who | null = state.near): void {
    state.who = who ? { id: who.id, name: who.name } : null;
    state.open = true;
  },
  get many(): boolean {
    return state.many;
  },
  set many(on: boolean) {
    state.many = on;
  },
};
