import assert from "#assert";
import { alone } from "../../../engine/distributed/process_group.ts";
import { proposedRate, rateAt, smooth, sweepRates } from "../../../pipeline/training/rate_sweep.ts";
import { teamOf } from "../../../pipeline/training/team.ts";
import { prepareTraining } from "../../../pipeline/training/training_setup.ts";
import { assertClose } from "../../support/assert_close.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

const range = { lowest: 1e-4, highest: 1, steps: 5 };
const never = new AbortController().signal;

Deno.test("the rates of a sweep grow by a constant factor", () => {
  assertClose([0, 1, 2, 3, 4].map((step) => rateAt(step, range)), [1e-4, 1e-3, 1e-2, 1e-1, 1], 1e-12);
});

Deno.test("the smoothed loss is the weighted mean of the losses so far", () => {
  assertClose(smooth([3, 3, 3]), [3, 3, 3], 1e-12);
  assertClose(smooth([1, 2]), [1, (0.9 * 1 + 2) / 1.9], 1e-12);
});

Deno.test("the proposal is the lowest rate with 95 % of the fall, none if the loss never fell", () => {
  const sweepOf = (losses: number[]) =>
    losses.map((loss, step) => ({ rate: rateAt(step, range), loss, smoothed: loss }));
  const sweep = sweepOf([5, 4, 2, 3, 9]);
  assert.equal(proposedRate(sweep), 1e-2);
  assert.equal(proposedRate(sweepOf([5, 4, 2.1, 2, 9])), 1e-2, "2.1 is 97 % of the fall from 5 to 2");
  assert.equal(proposedRate(sweepOf([5, 4, 2.2, 2, 9])), 0.1, "2.2 is 93 %");
  assert.equal(proposedRate(sweep.map((point, at) => ({ ...point, smoothed: at }))), undefined);
  assert.equal(proposedRate([]), undefined);
});

Deno.test("the proposal is at most a tenth of the rate at which the loss exceeds its beginning, or is no number", () => {
  const fine = { lowest: 1e-4, highest: 1, steps: 9 };
  const sweepOf = (losses: number[]) =>
    losses.map((loss, step) => ({ rate: rateAt(step, fine), loss, smoothed: loss }));
  const stable = [9, 8, 7, 6, 5, 4, 3, 2, 2.1];
  assert.equal(proposedRate(sweepOf(stable)), 0.32, "the loss falls to the seventh rate of a factor of 10 ** 0.5");
  assert.equal(proposedRate(sweepOf([...stable.slice(0, 8), 10])), 0.1, "it explodes at 1");
  assert.equal(proposedRate(sweepOf(stable.slice(0, 8)), 9), 0.032, "the ninth loss is no number");
});

Deno.test("a sweep trains with the rates, the same ones each time, and ends when the loss explodes", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const setup = await prepareTraining(configuration, testContext(), teamOf(alone, never));
    const short = { lowest: 1e-4, highest: 1e-3, steps: 3, signal: never };
    const steps: number[] = [];
    const sweep = await sweepRates(configuration, setup, { ...short, onStep: (step) => steps.push(step) });
    assert.deepEqual(steps, [1, 2, 3]);
    assert.equal(sweep.length, 3);
    assertClose([sweep[1]!.rate], [10 ** -3.5], 1e-12);
    assert.deepEqual(await sweepRates(configuration, setup, short), sweep);
    const exploded = await sweepRates(configuration, setup, { lowest: 1e3, highest: 1e9, steps: 30, signal: never });
    assert.ok(exploded.length < 30, `${exploded.length} steps`);
    assert.ok(exploded.every(({ loss }) => Number.isFinite(loss)));
  }));

Deno.test("a sweep passes from one size of --sizes to the next, as a run does", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { sizes: "16:1" });
    const setup = await prepareTraining(configuration, testContext(), teamOf(alone, never));
    const steps = setup.stepsPerEpoch + 1;
    const sweep = await sweepRates(configuration, setup, { lowest: 1e-4, highest: 1e-3, steps, signal: never });
    assert.equal(sweep.length, steps, "the last step has images of 32 pixels");
  }));
