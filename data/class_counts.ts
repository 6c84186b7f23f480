/**
 * The numbers of images of classes, and weights that balance them.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";

type Labelled = Pick<Dataset, "labels" | "train">;

/** Counts the training images of each class. */
export function classCounts({ labels, train }: Labelled): number[] {
  const counts = labels.map(() => 0);
  for (const label of train.labels) counts[label]!++;
  return counts;
}

/**
 * Weights of the images of each class: images / (classes * images of the class), as scikit-learn's `balanced` (King & Zeng
 * 2001). Classes without images are not counted, and have the weight 1; the mean weight of all images is 1.
 */
export function balancedWeights(dataset: Labelled): number[] {
  const counts = classCounts(dataset), present = counts.filter((count) => count > 0).length;
  return counts.map((count) => count === 0 ? 1 : dataset.train.count / (present * count));
}
