import * as tf from "@tensorflow/tfjs";
import { shake } from "../../model/shake.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";

await useCpu();

const shape = [2, 1, 2, 3];

Deno.test("forward weighs branches by alpha, backward by beta, each image by its own factors", () => {
  const branches = [1, 2, 3].map((seed) => randomTensor<tf.Rank.R4>(shape, seed));
  const alpha = tf.tensor2d([[0.1, 0.2], [0.3, 0.5], [0.6, 0.3]]);
  const beta = tf.tensor2d([[0.7, 0.1], [0.2, 0.8], [0.1, 0.1]]);
  const dy = randomTensor(shape, 4);
  const forward = (...branches: tf.Tensor[]) => shake(branches as tf.Tensor4D[], alpha, beta);
  const factor = (factors: tf.Tensor2D, branch: number, element: number) =>
    factors.arraySync()[branch]![Math.floor(element / 6)]!;
  const sum = Array.from(
    { length: 12 },
    (_, element) =>
      branches.reduce(
        (total, values, branch) => total + factor(alpha, branch, element) * values.dataSync()[element]!,
        0,
      ),
  );
  assertClose(forward(...branches).dataSync(), sum, 1e-6);
  tf.grads(forward)(branches, dy).forEach((gradient, branch) => {
    const expected = Array.from(dy.dataSync(), (value, element) => factor(beta, branch, element) * value);
    assertClose(gradient.dataSync(), expected, 1e-6);
  });
});
