/**
 * Inference: every factor is 1/branches, and batch norm uses its moving statistics.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "./network.ts";
import { type Step, withoutPrefix } from "./training_step.ts";

/**
 * Returns the function that classifies images. Inputs: `weights/<variable>`, `statistics/<variable>`, and `images` [batch, height,
 * width, 3], normalised. Outputs: `logits` and `probabilities`, [batch, classes].
 */
export function inference(net: Network): Step {
  return (inputs) => {
    const values = { ...withoutPrefix("weights/", inputs), ...withoutPrefix("statistics/", inputs) };
    const logits = net.logits(inputs["images"] as tf.Tensor4D, { training: false, values, statistics: {} });
    return { logits, probabilities: tf.softmax(logits) };
  };
}
