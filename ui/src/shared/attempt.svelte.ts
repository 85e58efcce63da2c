// One piece of work that a person started: once at a time, and what went wrong stays to be read.
import { faultOf, type Fault } from "../api/call";

export class Attempt {
  busy = $state(false);
  fault = $state<Fault | null>(null);

  async make(work: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.fault = null;
    try {
      await work();
    } catch (cause) {
      this.fault = faultOf(cause);
    } finally {
      this.busy = false;
    }
  }
}
