/**
 * Images of a data set in the forms that exported models take.
 *
 * @module
 */
import { type Batch, batchesInOrder, pixelsOf } from "../../../data/batches.ts";
import type { Dataset, Split } from "../../../data/dataset.ts";
import type { Images } from "../../../export/exported_model.ts";

/** Batches of a split in its order; the last batch may be smaller. */
export function* imagesInOrder(dataset: Dataset, split: Split, batch: number): Generator<Batch & Images> {
  const size = pixelsOf(dataset, split, 0).length;
  let done = 0;
  for (const images of batchesInOrder(dataset, split, batch)) {
    const begin = done * size;
    done += images.count;
    yield { ...images, pixels: split.images.subarray(begin, done * size) };
  }
}

/**
 * At most `most` images of a split in its order: of each class as large a share as of all, at equal distances within the
 * class. Neither a split sorted by class nor one whose classes alternate gives images of a few classes only.
 */
export function spread(dataset: Dataset, split: Split, most: number): Split {
  const count = Math.min(most, split.count), size = pixelsOf(dataset, split, 0).length;
  const byClass = [...split.labels.keys()].toSorted((a, b) => split.labels[a]! - split.labels[b]! || a - b);
  const chosen = Array.from({ length: count }, (_, at) => byClass[Math.floor(at * split.count / count)]!);
  const images = new Uint8Array(count * size), labels = new Uint8Array(count);
  for (const [at, from] of chosen.toSorted((a, b) => a - b).entries()) {
    images.set(pixelsOf(dataset, split, from), at * size);
    labels[at] = split.labels[from]!;
  }
  return { count, images, labels };
}
