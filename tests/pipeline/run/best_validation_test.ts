import assert from "#assert";
import { bestAfter, epochsSinceBest } from "../../../pipeline/run/best_validation.ts";

const validation = { loss: 1, accuracy: 0.6, balancedAccuracy: 0.5, macroF1: 0.4, images: 100 };
const best = { step: 4, accuracy: 0.9 };

Deno.test("the criterion decides, whatever the accuracy is, and its score is kept", () => {
  const scores = { "balanced-accuracy": 0.5, "macro-f1": 0.4, "loss": 1 } as const;
  for (const [criterion, score] of Object.entries(scores) as [keyof typeof scores, number][]) {
    const worse = criterion === "loss" ? score + 0.1 : score - 0.1;
    const after = bestAfter({ step: 8, best: { ...best, score: worse } }, validation, criterion);
    assert.deepEqual(after, { step: 8, accuracy: 0.6, score }, criterion);
    const same = { ...best, score };
    assert.equal(bestAfter({ step: 8, best: same }, validation, criterion), same, `${criterion}: no better`);
  }
});

Deno.test("with accuracy as the criterion no other score is kept", () => {
  assert.deepEqual(bestAfter({ step: 8, best: null }, validation, "accuracy"), { step: 8, accuracy: 0.6 });
  assert.equal(bestAfter({ step: 8, best }, validation, "accuracy"), best);
});

Deno.test("the epochs since the best are counted from the metrics, by the criterion", () => {
  const epoch = (epoch: number, validationLoss: number, validationAccuracy: number) => ({
    ...{ epoch, step: 10 * epoch, trainLoss: 1, trainAccuracy: 0 },
    ...{ validationLoss, validationAccuracy },
  });
  const epochs = [epoch(1, 3, 0.1), epoch(2, 1, 0.2), epoch(3, 2, 0.3), epoch(4, 2, 0.3)];
  assert.deepEqual([epochsSinceBest(epochs, "accuracy"), epochsSinceBest(epochs, "loss")], [1, 2]);
  assert.equal(epochsSinceBest([], "loss"), 0);
});
