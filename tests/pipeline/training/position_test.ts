import assert from "#assert";
import {
  afterEpoch,
  afterStep,
  endsEpoch,
  epochMetrics,
  firstPosition,
  isOutOfPatience,
  isValidated,
  type Validation,
} from "../../../pipeline/training/position.ts";

const start = firstPosition({ seed: 1 });
const score = (loss: number, accuracy: number, images = 100_000): Validation => ({
  ...{ loss, accuracy, images },
  ...{ balancedAccuracy: accuracy / 2, macroF1: accuracy / 4 },
});
const plateau = { plateauEpochs: 0, best: "accuracy" } as const;

Deno.test("the metrics of an epoch are means over its steps; a skipped step counts but has no score", () => {
  let position = afterStep(start, { loss: 3, accuracy: 0.25, skipped: false });
  position = afterStep(position, { loss: NaN, accuracy: 0, skipped: true });
  position = afterStep(position, { loss: 1, accuracy: 0.75, skipped: false });
  assert.equal(position.step, 3);
  assert.ok(endsEpoch(position, 3));
  assert.deepEqual(epochMetrics(position, score(1.5, 0.5), 3), {
    ...{ epoch: 1, step: 3, trainLoss: 2, trainAccuracy: 0.5 },
    ...{ validationLoss: 1.5, validationAccuracy: 0.5, validationBalancedAccuracy: 0.25, validationMacroF1: 0.125 },
  });
});

Deno.test("an epoch ends after its steps, until it is validated", () => {
  const position = { ...start, step: 4 };
  assert.deepEqual([3, 4, 5].map((steps) => endsEpoch(position, steps)), [false, true, false]);
  assert.ok(!endsEpoch(afterEpoch(position, score(1, 0.5), plateau), 4));
});

Deno.test("after an epoch the sums begin anew, and settings stay", () => {
  const { epochLoss, epochAccuracy, epochSkipped, validatedEpochs, step, settings } = afterEpoch(
    { ...start, step: 4, epochLoss: 8, epochAccuracy: 2, epochSkipped: 1 },
    score(1, 0.5),
    plateau,
  );
  assert.deepEqual({ epochLoss, epochAccuracy, epochSkipped }, { epochLoss: 0, epochAccuracy: 0, epochSkipped: 0 });
  assert.deepEqual({ validatedEpochs, step, settings }, { validatedEpochs: 1, step: 4, settings: { seed: 1 } });
});

Deno.test("a validation becomes the best if it beats the best by more than 1e-4", () => {
  const bestAfter = (accuracy: number) =>
    afterEpoch({ ...start, step: 8, best: { step: 4, accuracy: 0.5 } }, score(1, accuracy), plateau).best;
  assert.deepEqual(bestAfter(0.50009), { step: 4, accuracy: 0.5 });
  assert.deepEqual(bestAfter(0.5002), { step: 8, accuracy: 0.5002 });
  assert.deepEqual(afterEpoch({ ...start, step: 4 }, score(1, 0), plateau).best, { step: 4, accuracy: 0 });
});

Deno.test("counts of images decide which validation is better, so that rounding does not", () => {
  // The accuracies of k of 10,000 images differ by exactly the least difference, 1e-4, or by a rounding more or less.
  for (let correct = 0; correct < 10_000; correct += 7) {
    const after = (more: number) =>
      afterEpoch(
        { ...start, step: 8, best: { step: 4, accuracy: correct / 10_000 } },
        score(1, (correct + more) / 10_000, 10_000),
        plateau,
      ).best?.step;
    assert.deepEqual([after(1), after(2)], [4, 8], `${correct} images`);
  }
});

Deno.test("the plateau follows the validation loss", () => {
  const first = afterEpoch(start, score(2, 0), plateau);
  assert.deepEqual(afterEpoch(first, score(3, 0), plateau).plateau, { best: 2, waited: 0, reductions: 1 });
});

Deno.test("an epoch without a validation has no score, no best and no plateau, and begins the next epoch", () => {
  const position = { ...start, step: 4, epochLoss: 8, epochAccuracy: 2 };
  assert.deepEqual(epochMetrics(position, undefined, 4), { epoch: 1, step: 4, trainLoss: 2, trainAccuracy: 0.5 });
  assert.deepEqual(afterEpoch(position, undefined, plateau), { ...start, step: 4, validatedEpochs: 1 });
});

Deno.test("every k-th epoch has a validation, and so has the last of the schedule", () => {
  const validated = (validateEvery: number) =>
    Array.from({ length: 5 }, (_, epoch) => epoch).filter((epoch) =>
      isValidated({ ...start, step: 10 * (epoch + 1), validatedEpochs: epoch }, { validateEvery }, 50)
    );
  assert.deepEqual(validated(1), [0, 1, 2, 3, 4]);
  assert.deepEqual(validated(2), [1, 3, 4]);
  assert.deepEqual(validated(9), [4]);
});

Deno.test("patience ends with the epochs after the best validation, and never before the first one", () => {
  const position = { ...start, step: 40, validatedEpochs: 4, best: { step: 20, accuracy: 0.5 } };
  assert.deepEqual([1, 2, 3].map((patience) => isOutOfPatience(position, { patience }, 10)), [true, true, false]);
  assert.ok(!isOutOfPatience({ ...position, best: null }, { patience: 1 }, 10));
  assert.ok(!isOutOfPatience(position, {}, 10), "without --patience a run goes on");
});
