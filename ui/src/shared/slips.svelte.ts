// Slips: printed by the till's printer, saved as a document where there is none, and waiting where the printer takes none.
import {
  chooseWhereToSave,
  desk,
  faultOf,
  type Fault,
  type PrinterSettings,
  type SlipOf,
  type SlipView,
} from "../api/call";
import { t } from "../i18n/index.svelte";
import { till } from "./till.svelte";
import { toasts } from "./toasts.svelte";

const state = $state({ waiting: [] as SlipView[], fault: null as Fault | null, busy: false });

async function during(work: () => Promise<void>): Promise<void> {
  if (state.busy) return;
  state.busy = true;
  try {
    await work();
  } catch (cause) {
    toasts.fault(cause);
  } finally {
    state.busy = false;
    await slips.ask();
  }
}

function told(slip: SlipView): void {
  if (slip.state === "printed") toasts.say(t(slip.copies > 1 ? "slip.copy_printed" : "slip.printed"));
  else if (slip.on_its_way) toasts.say(t("slip.on_its_way"), "plain");
  else if (slip.state === "waiting") {
    const again = { label: t("slip.again"), run: () => void slips.again(slip.id) };
    toasts.say(`${slip.trouble ?? ""} ${t("slip.waits")}`.trim(), "stop", again);
  }
}

export const slips = {
  get waiting(): SlipView[] {
    return state.waiting;
  },
  get fault(): Fault | null {
    return state.fault;
  },
  get busy(): boolean {
    return state.busy;
  },
  forget(): void {
    state.waiting = [];
    state.fault = null;
  },
  async ask(): Promise<void> {
    try {
      state.waiting = await desk.slipsWaiting();
      state.fault = null;
    } catch (cause) {
      state.fault = faultOf(cause);
    }
  },
  /** Prints a slip. A shop without a printer saves it instead. */
  print(of: SlipOf): Promise<void> {
    const ask = { op: crypto.randomUUID(), of, by: till.by };
    return during(async () => {
      const { address }: PrinterSettings = await desk.printerSettings();
      if (address !== null) return told(await desk.printSlip(ask));
      const path = await chooseWhereToSave(t("slip.save"), t("slip.file"), "PDF");
      if (!path) return;
      await desk.saveSlip(ask, path);
      toasts.say(t("slip.saved", { path }));
    });
  },
  again(id: string): Promise<void> {
    return during(async () => told(await desk.printSlipAgain(id)));
  },
  drop(id: string): Promise<void> {
    return during(async () => void (await desk.dropSlip(id)));
  },
};
