/**
 * Shake-Shake regularization (Gastaldi 2017, section 2): random factors alpha weigh the branches forward, and other random
 * factors beta weigh their gradients backward.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Sums alpha_i * branch_i; the gradient of branch i is beta_i * dy. The factors are inputs and have no gradient.
 *
 * @param branches every [batch, height, width, channels]
 * @param alpha forward factors, [branches, batch]
 * @param beta backward factors, [branches, batch]
 */
export function shake(branches: readonly tf.Tensor4D[], alpha: tf.Tensor2D, beta: tf.Tensor2D): tf.Tensor4D {
  const weightedSum = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    save(factorsPerImage(beta));
    return {
      value: factorsPerImage(alpha).map((factor, at) => tf.mul(branches[at]!, factor)).reduce((a, b) => tf.add(a, b)),
      gradFunc: (dy: tf.Tensor, factors: tf.Tensor[]) => factors.map((factor) => tf.mul(dy, factor)),
    };
  });
  return weightedSum(...branches) as tf.Tensor4D;
}

/** Splits [branches, batch] into a [batch, 1, 1, 1] for each branch. */
function factorsPerImage(factors: tf.Tensor2D): tf.Tensor4D[] {
  const [branches, batch] = factors.shape;
  return Array.from(
    { length: branches },
    (_, at) => tf.reshape(tf.slice2d(factors, [at, 0], [1, batch]), [batch, 1, 1, 1]),
  );
}
