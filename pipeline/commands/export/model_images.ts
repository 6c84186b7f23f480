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

/** At most `most` images of a split, at equal distances, so that a split sorted by class gives images of every class. */
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
