/** Images of noise, one of them augmented by a list of steps. */
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { augmenter } from "../../data/augmenter.ts";
import type { TrainingData } from "../../data/batches.ts";
import { stream } from "../../data/random.ts";
import { uniformNumbers } from "./random_tensors.ts";

export const side = 12;

/** Returns noise, whose statistics are about those that normalisation removes. */
function noisy(): TrainingData {
  const next = uniformNumbers(1);
  const images = Uint8Array.from({ length: 20 * side * side * 3 }, () => 256 * next());
  return {
    name: "noise",
    labels: ["a", "b"],
    imageShape: [side, side, 3],
    mean: [0.5, 0.25, 0.75],
    std: [0.25, 0.5, 1],
    train: { count: 20, images, labels: new Uint8Array(20) },
  };
}

export const data = noisy();
export const image = data.train.images.subarray(0, side * side * 3);

/** Augments the image by a list of steps, with the draws at a place. */
export function augmented(list: string, place = 0): Float32Array {
  const target = new Float32Array(image.length).fill(NaN);
  const appearance = { seed: 1, image: place, epoch: 0 };
  augmenter(parseAugmentations(list), data)(image, stream(1, "augmentation", place), target, appearance);
  return target;
}

/** The image without augmentation. */
export const plain = augmented("none");
