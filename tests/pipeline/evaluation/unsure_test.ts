import assert from "#assert";
import { selectedAt, thresholdFor } from "../../../pipeline/evaluation/unsure.ts";

/** Two classes; the confidences fall, and the third and the last image are wrong. */
const confidences = [0.875, 0.8125, 0.75, 0.75, 0.625];
const predictions = {
  probabilities: Float32Array.from(confidences.flatMap((confidence) => [confidence, 1 - confidence])),
  labels: [0, 0, 1, 0, 1],
  classes: 2,
};

Deno.test("the threshold is the least confidence at which the wanted share is right", () => {
  assert.equal(thresholdFor(predictions, 1), 0.8125);
  assert.equal(thresholdFor(predictions, 0.75), 0.75, "answers of one confidence are together: 3 of 4 are right");
  assert.equal(thresholdFor(predictions, 0.76), 0.8125);
});

Deno.test("all answers count where they are right often enough, and none where no threshold helps", () => {
  assert.equal(thresholdFor(predictions, 0.6), 0);
  const wrong = { ...predictions, labels: [1, 1, 1, 1, 1] };
  assert.equal(thresholdFor(wrong, 0.5), undefined);
});

Deno.test("coverage counts the answers, precision the right ones among them", () => {
  assert.deepEqual(selectedAt(predictions, 0.75), { coverage: 4 / 5, precision: 3 / 4 });
  assert.deepEqual(selectedAt(predictions, 0), { coverage: 1, precision: 3 / 5 });
  assert.deepEqual(selectedAt(predictions, 0.9), { coverage: 0, precision: null });
});
