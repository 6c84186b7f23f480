/**
 * The exported model: the merged network as ONNX.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../engine/engine.ts";
import type { ShakeNetwork } from "../model/architectures.ts";
import { withoutPrefix } from "../model/training_step.ts";
import { type InputSpec, toOnnx, trace } from "../onnx/internal.ts";
import { type ImageShape, inputShape, type SizedForm } from "./variants.ts";
import { gradCam } from "../model/grad_cam.ts";
import { featuresOf, logitsOf, mergedMaps } from "./merge.ts";

/** State of a network by the names of checkpoints; `weights/<variable>` and `statistics/<variable>` are used. */
export type State = Readonly<Record<string, HostTensor>>;

/** A number for each channel: red, green, blue. */
type PerChannel = readonly [number, number, number];

/** (x / 255 - mean) / std, per channel. */
export interface Normalisation {
  readonly mean: PerChannel;
  readonly std: PerChannel;
}

export interface ExportOptions {
  /** Version of the ONNX operators, 13 to 21. */
  readonly opset: number;
  readonly imageShape: ImageShape;
  /** The form of `image`; default `float32-nchw`. */
  readonly input?: SizedForm;
  /** Normalisation inside the model, for `uint8-nhwc`. */
  readonly normalisation: Normalisation;
  /** Adds the output `features`, the global mean before the dense layer. */
  readonly features?: boolean | undefined;
  /** Adds the output `explanation`, the Grad-CAM map of the likeliest class. */
  readonly explain?: boolean | undefined;
  /** `probabilities` are the soft-max of the logits divided by it; default: 1. */
  readonly temperature?: number | undefined;
  readonly description: string;
  /** The file's description of itself, `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes the network as the bytes of an ONNX file.
 *
 * Input `image` by its form, for any batch: `float32-nchw` [batch, channels, height, width] or `float32-nhwc` [batch,
 * height, width, channels], normalised; `uint8-nhwc`, bytes of 0 to 255. Outputs `logits` and `probabilities`: float32
 * [batch, classes]; with the option `features` also `features`: float32 [batch, features]; with `explain` also
 * `explanation`: float32 [batch, map height, map width], 0 or more.
 */
export function inferenceModel(net: ShakeNetwork, state: State, options: ExportOptions): Uint8Array<ArrayBuffer> {
  const { opset, imageShape, input = "float32-nchw", normalisation, description, metadata } = options;
  const graph = trace(({ image }) => {
    const values = tensorsOf(state);
    const maps = mergedMaps(net, values, normalisedImages(image!, input, normalisation));
    const features = featuresOf(maps), logits = logitsOf(values, features);
    const explanation = options.explain && gradCam(maps, (maps) => logitsOf(values, featuresOf(maps)));
    return {
      logits,
      probabilities: tf.softmax(cooled(logits, options.temperature)),
      ...(options.features && { features }),
      ...(explanation && { explanation }),
    };
  }, { image: inputSpec(input, imageShape) });
  // TensorFlow.js has no bytes: the input is traced as int32 and declared as uint8 in the file.
  const inputTypes = input === "uint8-nhwc" ? { image: "uint8" as const } : {};
  return toOnnx(graph, { opset, name: "shakenet", description, metadata, inputTypes });
}

/** Divides logits by a temperature. */
const cooled = (logits: tf.Tensor2D, temperature = 1): tf.Tensor2D =>
  temperature === 1 ? logits : tf.mul(logits, 1 / temperature);

const inputSpec = (form: SizedForm, imageShape: ImageShape): InputSpec => ({
  shape: [null, ...inputShape(form, imageShape)],
  dtype: form === "uint8-nhwc" ? "int32" : "float32",
});

/** Converts images of a form to the network's input, [batch, height, width, channels], normalised. */
function normalisedImages(image: tf.Tensor, form: SizedForm, { mean, std }: Normalisation): tf.Tensor4D {
  if (form === "float32-nchw") return tf.transpose(image as tf.Tensor4D, [0, 2, 3, 1]);
  if (form === "float32-nhwc") return image as tf.Tensor4D;
  const unit = tf.div(tf.cast(image, "float32"), 255);
  return tf.div(tf.sub(unit, tf.tensor1d([...mean])), tf.tensor1d([...std]));
}

/** Returns weights and statistics as tensors, by variable. */
export function tensorsOf(state: State): Record<string, tf.Tensor> {
  const host = { ...withoutPrefix("weights/", state), ...withoutPrefix("statistics/", state) };
  return Object.fromEntries(Object.entries(host).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]));
}
