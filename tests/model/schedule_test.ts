import assert from "#assert";
import {
  afterValidation,
  learningRateAt,
  noPlateau,
  type ScheduleName,
  scheduleNames,
  type ScheduleOptions,
} from "../../model/schedule.ts";
import { assertClose } from "../support/assert_close.ts";

const options = (schedule: ScheduleName, others: Partial<ScheduleOptions> = {}): ScheduleOptions => ({
  schedule,
  learningRate: 0.2,
  steps: 100,
  stepsPerEpoch: 10,
  warmupEpochs: 0,
  restartEpochs: 1,
  restartFactor: 2,
  plateauFactor: 0.1,
  plateauEpochs: 2,
  ...others,
});
const rates = (steps: readonly number[], options: ScheduleOptions) =>
  steps.map((step) => learningRateAt(step, options));

Deno.test("the cosine begins at the rate, is half of it halfway, and ends at 0", () => {
  assertClose(rates([0, 25, 50, 100], options("cosine")), [0.2, 0.1 * (1 + Math.SQRT1_2), 0.1, 0], 1e-12);
});

Deno.test("warm restarts: periods of 1, 2 and 4 epochs, each a cosine from the rate to 0", () => {
  const at = options("restarts");
  assertClose(rates([0, 5, 10, 20, 30, 50], at), [0.2, 0.1, 0.2, 0.1, 0.2, 0.1], 1e-12);
  assertClose(rates([9], at), [0.1 * (1 + Math.cos(0.9 * Math.PI))], 1e-12);
  assertClose(rates([15, 35], options("restarts", { restartFactor: 1 })), [0.1, 0.1], 1e-12);
});

Deno.test("constant is the rate", () => assertClose(rates([0, 99], options("constant")), [0.2, 0.2], 0));

Deno.test("a warm-up rises linearly to the rate in front of any schedule, which begins after it", () => {
  for (const schedule of scheduleNames) {
    const warmed = options(schedule, { warmupEpochs: 2 });
    assertClose(rates([0, 9, 19, 20], warmed), [0.01, 0.1, 0.2, 0.2], 1e-12, schedule);
  }
  assertClose(rates([60, 100], options("cosine", { warmupEpochs: 2 })), [0.1, 0], 1e-12);
});

Deno.test("plateau: the rate falls by the factor after so many validations without a lower loss", () => {
  const at = options("plateau");
  let plateau = noPlateau;
  const seen = [3, 2, 2.5, 2, 1.9, 1.95, 1.95, 2, 3].map((loss) => {
    plateau = afterValidation(plateau, loss, at);
    return learningRateAt(50, at, plateau);
  });
  assertClose(seen, [0.2, 0.2, 0.2, 0.02, 0.02, 0.02, 0.002, 0.002, 0.0002], 1e-12);
  assert.equal(plateau.best, 1.9);
});
