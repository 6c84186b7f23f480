/** A network and a data set small enough to compute by hand. */
import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../../data/dataset.ts";
import type { Network } from "../../model/network.ts";
import { shakeNet } from "../../model/shakenet.ts";

/** A network whose logits are the red of the first two pixels of an image. */
export const firstPixels: Network = {
  ...shakeNet({ depth: 8, width: 2, branches: 2, classes: 2 }),
  variables: [],
  logits: (images) => tf.reshape(tf.slice4d(images, [0, 0, 0, 0], [-1, 1, 2, 1]), [-1, 2]),
};

/**
 * Images of one row of pixels.
 *
 * @param reds the red of every pixel; green and blue are 0
 * @param labels the class of every image
 */
export function rowsDataset(reds: readonly number[], labels: readonly number[]): Dataset {
  const count = labels.length;
  const images = Uint8Array.from(reds.flatMap((red) => [red, 0, 0]));
  const split = { count, images, labels: Uint8Array.from(labels) };
  return {
    name: "rows",
    labels: ["a", "b"],
    imageShape: [1, reds.length / count, 3],
    mean: [0, 0, 0],
    std: [1, 1, 1],
    train: split,
    test: split,
  };
}
