/**
 * Statistics of batch norm for weights that were never trained with, such as an average of weights: the mean over batches of
 * each batch's mean and unbiased variance (Izmailov et al. 2018, section 3.1, recompute them by a pass over the training
 * images).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { STATISTICS_MOMENTUM } from "./network_choices.ts";
import { type Freeze, isFrozen } from "./freezing.ts";
import type { Network } from "./network.ts";
import { type Step, withoutPrefix } from "./training_step.ts";

/**
 * Returns the function that adds a batch to the means. Inputs: `weights/<variable>`; `images` [batch, height, width, 3],
 * normalised; `statistics/<variable>`, the mean over the n batches before; `keep`, the scalar n / (n + 1). Outputs:
 * `statistics/<variable>`, the mean over n + 1 batches.
 *
 * @param freeze the last part that keeps its statistics, which are then no outputs
 */
export function batchStatistics(net: Network, freeze: Freeze = "none"): Step {
  return (inputs) => {
    const before = withoutPrefix("statistics/", inputs);
    // A moving statistic that starts at 0 becomes (1 - momentum) times the batch's.
    const zeros = Object.fromEntries(
      Object.entries(before).map(([name, value]) => [name, isFrozen(name, freeze) ? value : tf.zerosLike(value)]),
    );
    const statistics: tf.NamedTensorMap = {};
    net.logits(inputs["images"] as tf.Tensor4D, {
      training: true,
      values: { ...withoutPrefix("weights/", inputs), ...zeros },
      statistics,
      isFrozen: (name) => isFrozen(name, freeze),
    });
    const keep = inputs["keep"]!;
    return Object.fromEntries(
      Object.entries(statistics).map(([name, taken]) => {
        const ofBatch = tf.div(taken, 1 - STATISTICS_MOMENTUM);
        return [`statistics/${name}`, tf.add(tf.mul(before[name]!, keep), tf.mul(ofBatch, tf.sub(1, keep)))];
      }),
    );
  };
}
