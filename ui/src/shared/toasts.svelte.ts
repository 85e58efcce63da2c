// Short words about what just happened. They are polite: a reader finishes its sentence first.
export type Tone = "good" | "plain" | "stop";
export type Action = { label: string; run: () => void };
export type Toast = { id: number; text: string; tone: Tone; action: Action | null };

const shown = $state<Toast[]>([]);
let next = 1;
const secondsShown: Record<Tone, number> = { good: 5, plain: 6, stop: 12 };
/** Long enough to read it, see that it was a slip, and get there by keyboard. */
const secondsToAct = 15;

export const toasts = {
  get all(): Toast[] {
    return shown;
  },
  say(text: string, tone: Tone = "good", action: Action | null = null): void {
    const id = next++;
    shown.push({ id, text, tone, action });
    if (shown.length > 3) shown.shift();
    setTimeout(() => toasts.drop(id), (action ? secondsToAct : secondsShown[tone]) * 1000);
  },
  drop(id: number): void {
    const place = shown.findIndex((toast) => toast.id === id);
    if (place >= 0) shown.splice(place, 1);
  },
};
