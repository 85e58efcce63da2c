// One piece of work that a person started: once at a time, and what went wrong stays to be read.
import { faultOf, type Fault } from "../api/call";

export class Attempt {
  /** What is being done, by its name where a screen tells several apart; null while nothing is. */
  doing = $state<string | null>(null);
  fault = $state<Fault | null>(null);

  get busy(): boolean {
    return this.doing !== null;
  }

  /** What the work gave; nothing if it failed, or while another goes on. */
  async make<Given>(work: () => Promise<Given>, doing = ""): Promise<Given | undefined> {
    if (this.busy) return undefined;
    this.doing = doing;
    this.fault = null;
    try {
      return await work();
    } catch (cause) {
      this.fault = faultOf(cause);
      return undefined;
    } finally {
      this.doing = null;
    }
  }
}
