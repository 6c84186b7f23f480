/**
 * Grad-CAM: the places of an image that speak for its likeliest class (Selvaraju et al. 2017, "Grad-CAM: visual explanations
 * from deep networks via gradient-based localization", equations 1 and 2).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "./network.ts";
import { type Step, withoutPrefix } from "./training_step.ts";

/**
 * Computes relu(sum_k w_k A_k), where A_k is a feature map and w_k the mean over its places of the gradient of the likeliest
 * class's logit.
 *
 * @param maps the last feature maps, [batch, height, width, filters]
 * @param logitsOf the network behind them; an image's logits depend on its own maps alone
 * @returns [batch, height, width], 0 or more
 */
export function gradCam(maps: tf.Tensor4D, logitsOf: (maps: tf.Tensor4D) => tf.Tensor2D): tf.Tensor3D {
  const logits = logitsOf(maps), classes = logits.shape[1];
  const likeliest = tf.oneHot(tf.argMax(logits, 1), classes, 1, 0, "float32");
  const score = (maps: tf.Tensor) => tf.sum(tf.mul(logitsOf(maps as tf.Tensor4D), likeliest));
  const weights = tf.mean(tf.grad(score)(maps), [1, 2], true);
  return tf.relu(tf.sum<tf.Tensor3D>(tf.mul(weights, maps), 3));
}

/**
 * Returns the function that explains images. The inputs are those of `inference`; the output `explanation` is of
 * {@linkcode gradCam}.
 */
export function explanation(net: Network): Step {
  return (inputs) => {
    const values = { ...withoutPrefix("weights/", inputs), ...withoutPrefix("statistics/", inputs) };
    const pass = { training: false, values, statistics: {} };
    const maps = net.maps(inputs["images"] as tf.Tensor4D, pass);
    return { explanation: gradCam(maps, (maps) => net.classify(maps, pass)) };
  };
}
