import { expect, test } from "vitest";
import { secondsLeft } from "./estimate";

test.each<[string, number, number | null, number, number | null]>([
  ["one a second, and 86 to do", 34, 120, 34_000, 86],
  ["twice as fast", 34, 120, 17_000, 43],
  ["the last one is under way", 119, 120, 5_000, 1],
  ["all is done, and something else goes on", 120, 120, 5_000, null],
  ["nothing done is no pace", 0, 120, 60_000, null],
  ["nor are the first two seconds", 34, 120, 1_999, null],
  ["nor one of a hundred", 1, 100, 5_000, null],
  ["a hundred are enough of however many", 100, 100_000, 4_000, 3996],
  ["of who knows how many", 34, null, 34_000, null],
])("%s", (_, done, total, passed, left) => {
  const startedAt = Date.parse("2026-11-23T09:00:00Z");
  expect(secondsLeft({ done, total, startedAt }, startedAt + passed)).toBe(left);
});
