// The page that is turned towards the customer, as the till sees it.
import { desk, type CustomerPage, type ShowAsk } from "../api/call";

const state = $state({ page: null as CustomerPage | null, elsewhere: false });

export const customer = {
  get page(): CustomerPage | null {
    return state.page;
  },
  /** On a screen of its own; else this window shows it. */
  get elsewhere(): boolean {
    return state.elsewhere;
  },
  async show(ask: ShowAsk): Promise<void> {
    const shown = await desk.showCode(ask);
    state.elsewhere = shown.second_screen;
    state.page = shown.page;
  },
  async hide(): Promise<void> {
    state.page = null;
    await desk.hideCode();
  },
};
