/**
 * Explains some images of a split by Grad-CAM, with a network on an engine.
 *
 * @module
 */
import { batchesInOrder, pixelsOf } from "../../data/batches.ts";
import type { Dataset, Split } from "../../data/dataset.ts";
import type { HeatMap } from "../../data/heat_map.ts";
import { type DeviceTensors, disposeAll, type Engine } from "../../engine/engine.ts";
import { explanation } from "../../model/grad_cam.ts";
import { type Network, subjectOf } from "../../model/network.ts";
import { inferenceInputs } from "./classifier.ts";

const BATCH = 32;

/**
 * Computes a map for each image, in the order of `images`.
 *
 * @param state weights and statistics
 * @param images indices in the split
 * @throws the signal's reason, if it is aborted
 */
export async function explainImages(
  engine: Engine,
  net: Network,
  state: DeviceTensors,
  dataset: Pick<Dataset, "imageShape" | "mean" | "std">,
  split: Split,
  images: readonly number[],
  signal: AbortSignal,
): Promise<HeatMap[]> {
  if (images.length === 0) return [];
  await using program = await engine.compile(
    explanation(net),
    inferenceInputs(net, dataset.imageShape),
    subjectOf("explanation", net),
  );
  const maps: HeatMap[] = [];
  for (const batch of batchesInOrder(dataset, chosen(dataset, split, images), BATCH)) {
    signal.throwIfAborted();
    using input = engine.upload({ shape: [batch.count, ...dataset.imageShape], data: batch.images });
    const outputs = await program.run({ ...state, images: input });
    const { data, shape: [, height, width] } = await outputs["explanation"]!.read();
    disposeAll(outputs);
    const size = height! * width!;
    for (let at = 0; at < batch.count; at++) {
      const values = data.subarray(at * size, (at + 1) * size);
      maps.push({ values: Float32Array.from(values), height: height!, width: width! });
    }
  }
  return maps;
}

/** The images of a split at some places. */
function chosen(dataset: Pick<Dataset, "imageShape">, split: Split, images: readonly number[]): Split {
  const [height, width, channels] = dataset.imageShape, size = height * width * channels;
  const bytes = new Uint8Array(images.length * size);
  images.forEach((image, at) => bytes.set(pixelsOf(dataset, split, image), at * size));
  return {
    count: images.length,
    images: bytes,
    labels: Uint8Array.from(images, (image) => split.labels[image]!),
  };
}
