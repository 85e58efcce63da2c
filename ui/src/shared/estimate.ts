// How long a job still takes, by how long it took so far.

/** From so many done on the pace is known, however much there is to do. */
const doneEnough = 100;
const passedEnoughMs = 2000;

/** Seconds left, once enough is done for a guess worth showing. Moments in milliseconds. */
export function secondsLeft(
  { done, total, startedAt }: { done: number; total: number | null; startedAt: number },
  now: number,
): number | null {
  const passed = now - startedAt;
  if (!total || !done || done < Math.min(total / 50, doneEnough) || passed < passedEnoughMs) return null;
  // What is still under way then is no more of the same, such as what a round brings back.
  if (done >= total) return null;
  return Math.max(1, Math.round(((passed / done) * (total - done)) / 1000));
}
