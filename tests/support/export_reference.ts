/** A small network to export, images, and its logits by TensorFlow.js, branch by branch. Call `useCpu()` first. */
import * as tf from "@tensorflow/tfjs";
import { ExportedModel } from "../../export/exported_model.ts";
import { inferenceModel } from "../../export/inference_model.ts";
import { reducedModel } from "../../export/reduced_model.ts";
import type { Precision, SizedForm } from "../../export/variants.ts";
import type { ShakeNetwork } from "../../model/architectures.ts";
import { inference } from "../../model/inference.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { randomArray } from "./random_tensors.ts";
import { trainedState } from "./trained_state.ts";

export const imageShape = [32, 32, 3] as const;
export const net = shakeNet({ depth: 8, width: 4, branches: 2, classes: 5 });
export const state = trainedState(net);
const normalisation = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
export const options = { opset: 17, imageShape, normalisation, description: "a test", metadata: { labels: '["a"]' } };

/** Returns seeded images as bytes and normalised. */
export function someImages(side: number, count: number) {
  const pixels = Uint8Array.from(randomArray([count, side, side, 3], 1), (x) => 128 + 127 * x);
  const { mean, std } = normalisation;
  const images = Float32Array.from(pixels, (byte, at) => (byte / 255 - mean[at % 3]!) / std[at % 3]!);
  return { count, images, pixels };
}

/** Returns seeded images and a network's logits for them. */
export function reference(net: ShakeNetwork, side: number, count: number) {
  const { images, pixels } = someImages(side, count);
  const inputs = Object.fromEntries(
    Object.entries(trainedState(net)).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
  const { logits } = inference(net)({ ...inputs, images: tf.tensor(images, [count, side, side, 3]) });
  return { count, images, pixels, logits: logits!.dataSync() as Float32Array };
}

export interface ModelOptions {
  readonly input: SizedForm;
  readonly opset?: number;
  readonly explain?: boolean;
}

/** Returns the network in a precision, calibrated on more images than a test compares. */
export async function modelIn(precision: Precision, { input, opset = 17, explain = false }: ModelOptions) {
  const float32 = inferenceModel(net, state, { ...options, input, opset, explain });
  if (precision === "float32") return float32;
  await using exported = await ExportedModel.load(float32, { input, imageShape, threads: 1 });
  const calibration = [someImages(32, 16)];
  return await reducedModel(precision, float32, exported, { calibration, reduceRange: false });
}
