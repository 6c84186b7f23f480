import assert from "#assert";
import { bestAfter } from "../../../pipeline/training/best_validation.ts";

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
