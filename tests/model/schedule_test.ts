import {
  afterValidation,
  learningRateAt,
  noPlateau,
  type ScheduleName,
  scheduleNames,
  type ScheduleOptions,
} from "../../model/schedule.ts";
import { assertClose } from "../support/assert_close.ts";
import reference from "./schedule_reference.json" with { type: "json" };

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
  cycleBegin: 0.2,
  cyclePeak: 0.25,
  cycleEnd: 0.1,
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

Deno.test("linear falls from the rate to 0", () => {
  assertClose(rates([0, 25, 50, 100], options("linear")), [0.2, 0.15, 0.1, 0], 1e-12);
});

Deno.test("one-cycle rises from its first share to the rate at its peak, and falls to its last share", () => {
  assertClose(rates([0, 10, 25, 50, 100], options("one-cycle")), [0.04, 0.104, 0.2, 0.14, 0.02], 1e-12);
  const warmed = options("one-cycle", { warmupEpochs: 2 });
  assertClose(rates([0, 19, 20, 40, 100], warmed), [0.01, 0.2, 0.04, 0.2, 0.02], 1e-12);
});

Deno.test("a warm-up rises linearly to the rate in front of any schedule, which begins after it", () => {
  for (const schedule of scheduleNames.filter((name) => name !== "one-cycle")) {
    const warmed = options(schedule, { warmupEpochs: 2 });
    assertClose(rates([0, 9, 19, 20], warmed), [0.01, 0.1, 0.2, 0.2], 1e-12, schedule);
  }
  assertClose(rates([60, 100], options("cosine", { warmupEpochs: 2 })), [0.1, 0], 1e-12);
});

Deno.test("restarts: a period is a whole number of steps and begins at the greatest rate, however short it is", () => {
  // A tenth of an epoch of 10 steps: every step begins a period.
  for (const restartEpochs of [0.1, 0.04, 0.001]) {
    const at = options("restarts", { restartEpochs, restartFactor: 1 });
    assertClose(rates([0, 1, 2, 3, 57, 99], at), Array(6).fill(0.2), 0, `${restartEpochs}`);
  }
  const thirds = options("restarts", { restartEpochs: 1 / 3, stepsPerEpoch: 9, restartFactor: 1 });
  assertClose(rates([0, 3, 6, 9, 27, 30], thirds), Array(6).fill(0.2), 0);
});

Deno.test("cosine and restarts have the rates of PyTorch's schedulers", () => {
  for (const [steps, expected] of Object.entries(reference.cosine)) {
    const at = options("cosine", { steps: Number(steps) });
    assertClose(rates(expected.map((_, step) => step), at), expected, 1e-12, `${steps} steps`);
  }
  for (const { first, factor, rates: expected } of reference.restarts) {
    const at = options("restarts", { restartEpochs: first, restartFactor: factor, stepsPerEpoch: 1 });
    assertClose(rates(expected.map((_, step) => step), at), expected, 1e-12, `T_0 ${first}, T_mult ${factor}`);
  }
});

Deno.test("plateau has the rates of PyTorch's ReduceLROnPlateau", () => {
  const { losses, cases } = reference.plateau;
  for (const { patience, factor, rates: expected } of cases) {
    const at = options("plateau", { plateauEpochs: patience, plateauFactor: factor });
    let plateau = noPlateau;
    const seen = losses.map((loss) => {
      plateau = afterValidation(plateau, loss, at);
      return learningRateAt(50, at, plateau);
    });
    assertClose(seen, expected, 1e-12, `patience ${patience}`);
  }
});
