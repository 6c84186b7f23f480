import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { accuracy, l2Loss, oneHot, smoothed, softCrossEntropy, weighted } from "../../model/loss.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

Deno.test("cross-entropy is the mean of log(sum of exp) minus the label's logit", () => {
  const logits = tf.tensor2d([[1, 2, 3], [100, -100, 0]]);
  const expected = (Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 1 + 200) / 2;
  const targets = oneHot(tf.tensor1d([0, 1], "int32"), 3);
  assertClose(softCrossEntropy(logits, targets).dataSync(), [expected], 1e-6);
});

Deno.test("cross-entropy's gradient is (softmax - one-hot) / batch", () => {
  const logits = tf.tensor2d([[1, 2, 3], [0, 0, 0]]);
  const targets = oneHot(tf.tensor1d([0, 1], "int32"), 3);
  const gradient = tf.grad((x) => softCrossEntropy(x as tf.Tensor2D, targets))(logits);
  const expected = tf.softmax(logits).sub(tf.tensor2d([[1, 0, 0], [0, 1, 0]])).div(2);
  assertClose(gradient.dataSync(), expected.dataSync(), 1e-6);
});

Deno.test("accuracy is the share of largest logits that are the label's", () => {
  const logits = tf.tensor2d([[1, 2], [3, 0], [0, 1], [5, 6]]);
  assert.equal(accuracy(logits, tf.tensor1d([1, 0, 0, 0], "int32")).dataSync()[0], 0.5);
});

Deno.test("the weight decay's loss is half the sum of all squares", () => {
  assertClose(l2Loss([tf.tensor1d([1, 2]), tf.tensor2d([[3]])]).dataSync(), [7], 1e-6);
});

Deno.test("class weights multiply the cross-entropy of each image, smoothed or not", () => {
  const logits = tf.tensor2d([[1, 2, 3], [0, 1, 0], [2, 0, 0]]), labels = tf.tensor1d([0, 1, 0], "int32");
  const weights = [0.5, 3, 1], shares = oneHot(labels, 3);
  const ofImage = (image: number, share: number) => {
    const one = (of: tf.Tensor2D) => tf.slice2d(of, [image, 0], [1, 3]);
    return softCrossEntropy(one(logits), one(smoothed(shares, share))).dataSync()[0]!;
  };
  for (const share of [0, 0.2]) {
    const loss = softCrossEntropy(logits, weighted(smoothed(shares, share), shares, weights));
    const expected = (0.5 * ofImage(0, share) + 3 * ofImage(1, share) + 0.5 * ofImage(2, share)) / 3;
    assertClose(loss.dataSync(), [expected], 1e-6);
  }
});
