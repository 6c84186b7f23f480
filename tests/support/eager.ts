/** TensorFlow.js on its CPU backend, for tests: `await useCpu()` first. */
import * as tf from "@tensorflow/tfjs";
import { configureTensorFlowJs } from "../../engine/library_settings.ts";
import { randomArray } from "./random_tensors.ts";

export async function useCpu(): Promise<void> {
  configureTensorFlowJs(tf);
  await tf.setBackend("cpu");
}

/** A tensor of seeded numbers in [-1, 1). */
export const randomTensor = <R extends tf.Rank = tf.Rank>(shape: number[], seed: number): tf.Tensor<R> =>
  tf.tensor<R>(randomArray(shape, seed), shape as tf.ShapeMap[R]);
