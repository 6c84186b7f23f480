import assert from "#assert";
import { curvesOf, thinned } from "../../../pipeline/report/curve_points.ts";
import type { RunData } from "../../../pipeline/report/read_run.ts";

Deno.test("a long curve is thinned to means, a short one is left as it is", () => {
  const samples = Array.from({ length: 10 }, (_, at) => ({ at, value: 2 * at }));
  assert.deepEqual(thinned(samples, 10), samples);
  assert.deepEqual(thinned(samples, 4), [{ at: 1, value: 2 }, { at: 4, value: 8 }, { at: 7, value: 14 }, {
    at: 9,
    value: 18,
  }]);
});

const epoch = (epoch: number, step: number) => ({
  ...{ epoch, step, trainLoss: 2, trainAccuracy: 0.1, validationLoss: 1, validationAccuracy: 0.2 },
});

const step = (step: number) => ({ step, loss: 2, accuracy: 0.1, learningRate: 0.1 });

const runOf = (data: Partial<RunData>): RunData => ({
  data: undefined,
  ...{
    name: "run",
    steps: [],
    epochs: [],
    sessions: [],
    evaluation: undefined,
    mistakes: undefined,
    parity: undefined,
  },
  ...{ correlations: undefined, configuration: {} as RunData["configuration"] },
  ...data,
});

Deno.test("epochs without a validation have curves of training alone", () => {
  const plain = (at: number) => ({ epoch: at, step: 10 * at, trainLoss: 2, trainAccuracy: 0.1 });
  const { loss, accuracy } = curvesOf([runOf({ epochs: [plain(1), plain(2)] })]);
  assert.deepEqual([...loss, ...accuracy].map(({ split, at }) => [split, at]), [
    ...[["training", 1], ["training", 2], ["training", 1], ["training", 2]],
  ]);
});

Deno.test("curves are over epochs where all runs say how long one is, else over steps", () => {
  const long = runOf({ steps: [step(5), step(10)], epochs: [epoch(1, 10), epoch(2, 20)] });
  const short = runOf({ steps: [step(2)] });
  assert.deepEqual(curvesOf([long]).learningRate.map(({ at }) => at), [0.5, 1]);
  assert.equal(curvesOf([long]).unit, "epoch");
  const { unit, learningRate } = curvesOf([long, short]);
  assert.deepEqual([unit, learningRate.map(({ run, at }) => [run, at])], ["step", [[0, 5], [0, 10], [1, 2]]]);
});
