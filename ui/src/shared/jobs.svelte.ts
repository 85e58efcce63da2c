// The one long job that may run while staff go on selling: count, estimate, Cancel.
import { desk, faultOf, progressChannel, type Fault } from "../api/call";

export type Job = {
  title: string;
  done: number;
  total: number | null;
  startedAt: number;
  cancelling: boolean;
  /** While it writes, a sale waits for its end. */
  holds: boolean;
};

const state = $state({ job: null as Job | null });

export const jobs = {
  get now(): Job | null {
    return state.job;
  },
  /** Null when another job still runs; `cancelled` is an outcome, not a fault. */
  async run<T>(
    title: string,
    work: (progress: ReturnType<typeof progressChannel>) => Promise<T>,
    { holds = false } = {},
  ): Promise<{ data: T } | { fault: Fault } | { cancelled: true } | null> {
    if (state.job) return null;
    state.job = { title, done: 0, total: null, startedAt: Date.now(), cancelling: false, holds };
    const channel = progressChannel((progress) => {
      if (state.job) Object.assign(state.job, progress);
    });
    try {
      return { data: await work(channel) };
    } catch (cause) {
      const fault = faultOf(cause);
      return fault.code === "cancelled" ? { cancelled: true } : { fault };
    } finally {
      state.job = null;
    }
  },
  async cancel(): Promise<void> {
    if (!state.job || state.job.cancelling) return;
    state.job.cancelling = true;
    await desk.cancel();
  },
};
