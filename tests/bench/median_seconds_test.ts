import assert from "#assert";
import { medianSeconds } from "../../bench/median_seconds.ts";

/** Times runs of given seconds by a clock that only they move; the last one repeats. */
async function timed(seconds: readonly number[], steps: number) {
  let clock = 0, runs = 0;
  const run = () => {
    clock += 1000 * seconds[Math.min(runs++, seconds.length - 1)]!;
    return Promise.resolve();
  };
  return { median: await medianSeconds(run, steps, () => clock), runs };
}

Deno.test("the first run warms up, and the median of the others counts", async () => {
  assert.deepEqual(await timed([9, 1, 3, 2], 3), { median: 2, runs: 4 });
});

Deno.test("quick runs repeat for two seconds", async () => {
  assert.deepEqual(await timed([1, 0.5], 1), { median: 0.5, runs: 5 });
});

Deno.test("slow runs stop after twenty seconds, before all steps", async () => {
  assert.deepEqual(await timed([11], 5), { median: 11, runs: 3 });
});

Deno.test("a first run of more than twenty seconds is the only one", async () => {
  assert.deepEqual(await timed([360], 5), { median: 360, runs: 1 });
});
