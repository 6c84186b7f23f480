import assert from "#assert";
import { weightedViews } from "../../../data/weighted_views.ts";
import { selectEngine } from "../../../engine/select.ts";
import { Classifier, logSoftmax } from "../../../pipeline/evaluation/classifier.ts";
import { assertClose } from "../../support/assert_close.ts";
import { firstPixels, rowsDataset } from "../../support/first_pixels.ts";

Deno.test("the log soft-max is the one of the definition, and does not overflow", () => {
  const logits = Float32Array.of(1, 3, 2);
  assertClose(
    logSoftmax(logits),
    [1, 3, 2].map((logit) => logit - Math.log(Math.exp(1) + Math.exp(3) + Math.exp(2))),
    1e-9,
  );
  assert.ok(Number.isFinite(logSoftmax(Float32Array.of(1000, -1000))[1]), "large logits do not overflow");
});

Deno.test("with views their probabilities are averaged by share, beside those of the images as they are", async () => {
  const reds = [0, 30, 90, 10, 200, 100, 0, 255];
  const dataset = rowsDataset(reds, [0, 1]);
  const { engine } = await selectEngine("cpu");
  await using classifier = new Classifier(engine, firstPixels, dataset.imageShape);
  const [whole, mirrored] = weightedViews("flip", dataset.imageShape);
  const views = [{ ...whole!, share: 0.75 }, { ...mirrored!, share: 0.25 }];
  const { averaged, ...plain } = await classifier.classify({}, dataset, dataset.test, { views });
  const sigmoid = (bytes: number) => 1 / (1 + Math.exp(-bytes / 255));
  const expected = (share: number, classification: typeof plain) => {
    const first = share * sigmoid(0 - 30) + (1 - share) * sigmoid(10 - 90);
    const second = share * sigmoid(200 - 100) + (1 - share) * sigmoid(255 - 0);
    const { probabilities, predicted, loss, accuracy } = classification;
    assertClose(probabilities, [first, 1 - first, second, 1 - second], 1e-6);
    assertClose([loss], [-(Math.log(first) + Math.log(1 - second)) / 2], 1e-6);
    assert.deepEqual([[...predicted], accuracy], [[1, 0], 0]);
  };
  expected(1, plain);
  expected(0.75, averaged!);
});
