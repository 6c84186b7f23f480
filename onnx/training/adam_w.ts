/**
 * AdamW: Adam whose weights also decay on their own. "Decoupled Weight Decay Regularization", Loshchilov and Hutter, 2019.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Options of {@linkcode adamW}, with Adam's names in TensorFlow.js. */
export interface AdamWOptions {
  /** Default 0.001. */
  readonly learningRate?: number;
  /** The part of itself, times the learning rate, that a weight loses in a step; default 0.004, as in Keras. */
  readonly weightDecay?: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-7, TensorFlow.js's own for Adam. */
  readonly epsilon?: number;
}

/** TensorFlow.js's Adam with decoupled weight decay. It trains in TensorFlow.js too. */
export class AdamWOptimizer extends tf.AdamOptimizer {
  /** The name in configurations. A getter, because the class above has one. */
  static override get className(): string {
    return "AdamW";
  }

  /**
   * Makes the optimizer.
   *
   * @param weightDecay the part of itself, times the learning rate, that a weight loses in a step
   */
  constructor(
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    readonly weightDecay: number,
  ) {
    super(learningRate, beta1, beta2, epsilon);
  }

  /** Decays the variables, then applies Adam's step. */
  override applyGradients(gradients: Parameters<tf.AdamOptimizer["applyGradients"]>[0]): void {
    const names = Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
    tf.tidy(() => {
      for (const name of names) {
        const variable = tf.engine().registeredVariables[name]!;
        variable.assign(tf.mul(variable, 1 - this.learningRate * this.weightDecay));
      }
    });
    super.applyGradients(gradients);
  }

  /** The hyperparameters. */
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), weightDecay: this.weightDecay };
  }
}

/**
 * Makes an AdamW optimizer: `w -= rate * decay * w`, then Adam's step.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { adamW } from "@shakenet/tfjs-onnx";
 *
 * assert.equal(adamW({ learningRate: 0.01 }).getClassName(), "AdamW");
 * ```
 */
export const adamW = (
  { learningRate = 0.001, weightDecay = 0.004, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 }: AdamWOptions = {},
): AdamWOptimizer => new AdamWOptimizer(learningRate, beta1, beta2, epsilon, weightDecay);
