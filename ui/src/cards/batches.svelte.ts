// Saying where cards are, with who says it remembered for the next time, and what takes it back.
import { desk, faultOf, type BatchView, type CardRow, type CardState, type Fault } from "../api/call";
import { t } from "../i18n/index.svelte";
import { toasts } from "../shared/toasts.svelte";

export const marks = ["handed_out", "lost", "used_up"] as const;
export const tones: Record<CardState, string> = {
  printed: "",
  handed_out: "good",
  lost: "stop",
  used_up: "",
};

const kept = "cards-who";
export const lastWho = (): string => localStorage.getItem(kept) ?? "";

export class BatchList {
  rows = $state.raw<BatchView[]>([]);
  loaded = $state(false);
  fault = $state<Fault | null>(null);

  async ask(): Promise<void> {
    try {
      this.rows = await desk.batches();
      this.fault = null;
    } catch (cause) {
      this.fault = faultOf(cause);
    }
    this.loaded = true;
  }
}

export async function markBatch(number: number, state: CardState, who: string): Promise<void> {
  const by = who.trim() || null;
  localStorage.setItem(kept, who.trim());
  await desk.markBatch({ number, state, by });
  const text = t(`batch.said_${state}`, { number });
  if (state === "printed") return toasts.say(text, "plain");
  toasts.say(text, "good", {
    label: t("shared.undo"),
    run: () => void markBatch(number, "printed", who).catch(toasts.fault),
  });
}

export async function markCard(card: CardRow, state: CardState): Promise<void> {
  const before = card.state;
  const by = lastWho() || null;
  await desk.markCard({ id: card.id, state, by });
  toasts.say(t("batch.card_said", { code: card.code, state: t(`batch.state_${state}`) }), "good", {
    label: t("shared.undo"),
    run: () => void desk.markCard({ id: card.id, state: before, by }).catch(toasts.fault),
  });
}
