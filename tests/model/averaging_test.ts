import assert from "#assert";
import { averagingAt, type AveragingName, averagingNames, type AveragingOptions } from "../../model/averaging.ts";
import { assertClose } from "../support/assert_close.ts";

const options = (averaging: AveragingName, others: Partial<AveragingOptions> = {}): AveragingOptions => ({
  averaging,
  steps: 20,
  averageDecay: 0.9,
  averageWarmup: false,
  averageFrom: 0.5,
  averageEvery: 2,
  ...others,
});
const steps = Array.from({ length: 20 }, (_, step) => step);
const keeps = (at: AveragingOptions) => steps.map((step) => averagingAt(step, at).keep);

Deno.test("every number is a share", () => {
  for (const name of averagingNames) {
    for (const step of steps) {
      const { keep, pull } = averagingAt(step, options(name));
      assert.ok(keep >= 0 && keep <= 1 && pull >= 0 && pull <= 1);
    }
  }
});

Deno.test("an exponential average keeps its decay, after a warm-up of (1 + t) / (10 + t)", () => {
  assert.deepEqual(keeps(options("ema")), Array(20).fill(0.9));
  const warmed = keeps(options("ema", { averageWarmup: true, averageDecay: 0.6 }));
  assertClose(warmed.slice(0, 4), [1 / 10, 2 / 11, 3 / 12, 4 / 13], 1e-12);
  assert.deepEqual(warmed.slice(13), Array(7).fill(0.6));
});

Deno.test("an equal average has the same share of every set of weights that it takes", () => {
  // The shares that keeping leaves of the weights after each step.
  const shares = keeps(options("swa")).reduce<number[]>(
    (shares, keep) => [...shares.map((share) => share * keep), 1 - keep],
    [],
  );
  const expected = steps.map((step) => [11, 13, 15, 17, 19].includes(step) ? 1 / 5 : 0);
  assertClose(shares, expected, 1e-12);
});

Deno.test("lookahead pulls back every five steps, keeping 0.95^5 (t / T)^3, and at the end", () => {
  const all = steps.map((step) => averagingAt(step, options("lookahead")));
  assert.deepEqual(steps.filter((step) => all[step]!.pull === 1), [4, 9, 14, 19]);
  assertClose([all[4]!.keep, all[9]!.keep, all[19]!.keep], [0.95 ** 5 / 64, 0.95 ** 5 / 8, 0.95 ** 5], 1e-12);
  const { keep, pull } = averagingAt(20, options("lookahead", { steps: 21 }));
  assert.deepEqual([keep, pull], [1, 1]);
});
