/**
 * The exported model: the merged network as ONNX.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ShakeNetwork } from "../model/architectures.ts";
import { withoutPrefix } from "../model/training_step.ts";
import { toOnnx, trace } from "../onnx/mod.ts";
import { mergedLogits } from "./merge.ts";

export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** State of a network, as checkpoints name it: `weights/<variable>` and `statistics/<variable>` are used. */
export type State = Readonly<Record<string, HostTensor>>;

export interface ExportOptions {
  /** Version of the ONNX operators, 13 to 21. */
  readonly opset: number;
  /** Height, width and channels. */
  readonly imageShape: readonly [number, number, number];
  readonly description: string;
  /** What the file says about itself, `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The network as the bytes of an ONNX file.
 *
 * Input `image`: float32 [batch, channels, height, width], normalised, any batch. Outputs `logits` and `probabilities`:
 * float32 [batch, classes].
 */
export function inferenceModel(net: ShakeNetwork, state: State, options: ExportOptions): Uint8Array<ArrayBuffer> {
  const { opset, imageShape: [height, width, channels], description, metadata } = options;
  const graph = trace(({ image }) => {
    const logits = mergedLogits(net, tensorsOf(state), tf.transpose(image!, [0, 2, 3, 1]) as tf.Tensor4D);
    return { logits, probabilities: tf.softmax(logits) };
  }, { image: { shape: [null, channels, height, width] } });
  return toOnnx(graph, { opset, name: "shakenet", description, metadata });
}

/** Weights and statistics as tensors, by variable. */
export function tensorsOf(state: State): Record<string, tf.Tensor> {
  const host = { ...withoutPrefix("weights/", state), ...withoutPrefix("statistics/", state) };
  return Object.fromEntries(Object.entries(host).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]));
}
