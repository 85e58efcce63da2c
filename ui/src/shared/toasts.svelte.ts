// Short words about what just happened, one at a time. They are polite: a reader finishes its sentence first.
import { faultOf } from "../api/call";

export type Tone = "good" | "plain" | "stop";
export type Action = { label: string; run: () => void };
export type Toast = { id: number; text: string; tone: Tone; action: Action | null };

const waiting = $state<Toast[]>([]);
let next = 1;
const secondsShown: Record<Tone, number> = { good: 5, plain: 6, stop: 12 };
/** Long enough to read it, see that it was a slip, and get there by keyboard. */
const secondsToAct = 15;

/** Nothing is taken away under the hand that reaches for it. */
const inUse = () =>
  document.activeElement?.closest(".toast") != null || document.querySelector(".toast:hover") !== null;

export const toasts = {
  /** The newest. What went wrong or can still be undone waits beneath it, and is shown again when it has gone. */
  get now(): Toast | undefined {
    return waiting.at(-1);
  },
  say(text: string, tone: Tone = "good", action: Action | null = null): void {
    const id = next++;
    const due = (): void => {
      if (toasts.now?.id === id && inUse()) setTimeout(due, 1000);
      else toasts.drop(id);
    };
    const lasting = waiting.filter((toast) => toast.action || toast.tone === "stop").slice(-2);
    waiting.splice(0, Infinity, ...lasting, { id, text, tone, action });
    setTimeout(due, (action ? secondsToAct : secondsShown[tone]) * 1000);
  },
  /** What went wrong, in its sentence. */
  fault(cause: unknown): void {
    toasts.say(faultOf(cause).sentence, "stop");
  },
  drop(id: number): void {
    const place = waiting.findIndex((toast) => toast.id === id);
    if (place >= 0) waiting.splice(place, 1);
  },
  forget(): void {
    waiting.length = 0;
  },
};
