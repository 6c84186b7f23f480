/**
 * The time of something that runs again and again.
 *
 * @module
 */
import { median } from "../engine/median.ts";

/** Seconds of timing: quick runs repeat for the least, slow ones stop at the most, even before all steps. */
const LEAST = 2, MOST = 20;

/**
 * Measures the seconds of the median run. The first run warms up, unless it is so slow that it has to count.
 *
 * @param steps the number of runs, where they are neither quick nor slow
 * @param now a clock, in milliseconds
 */
export async function medianSeconds(run: () => Promise<void>, steps: number, now = () => performance.now()) {
  const timed = async () => {
    const begun = now();
    await run();
    return (now() - begun) / 1000;
  };
  const warm = await timed();
  if (warm > MOST) return warm;
  const begun = now(), seconds: number[] = [];
  const within = (limit: number) => now() - begun < limit * 1000;
  while (seconds.length === 0 || within(LEAST) || seconds.length < steps && within(MOST)) seconds.push(await timed());
  return median(seconds);
}
