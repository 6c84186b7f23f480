/**
 * Images of a data set as exported models take them.
 *
 * @module
 */
import { type Batch, batchesInOrder, pixelsOf } from "../../../data/batches.ts";
import type { Dataset, Split } from "../../../data/dataset.ts";
import type { Images } from "../../../export/exported_model.ts";

/** The images of a split in their order; the last batch may be smaller. */
export function* imagesInOrder(dataset: Dataset, split: Split, batch: number): Generator<Batch & Images> {
  const size = pixelsOf(dataset, split, 0).length;
  let done = 0;
  for (const images of batchesInOrder(dataset, split, batch)) {
    const begin = done * size;
    done += images.count;
    yield { ...images, pixels: split.images.subarray(begin, done * size) };
  }
}

/** Images of a split at equal distances, so that one sorted by class gives some of all. */
export function spread(dataset: Dataset, split: Split, most: number): Split {
  const count = Math.min(most, split.count), size = pixelsOf(dataset, split, 0).length;
  const images = new Uint8Array(count * size), labels = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    const from = Math.floor(at * split.count / count);
    images.set(pixelsOf(dataset, split, from), at * size);
    labels[at] = split.labels[from]!;
  }
  return { count, images, labels };
}
