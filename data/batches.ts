/**
 * Batches: for training, the one of a given step in the endless sequence of shuffled epochs; for evaluation, all images
 * in their order.
 *
 * @module
 */
import { drawView, normalisationTable, WHOLE, writeView } from "./augment.ts";
import type { Dataset, Split } from "./dataset.ts";
import { permutation, stream } from "./random.ts";

export interface Batch {
  readonly count: number;
  /** [count, height, width, 3], normalised */
  readonly images: Float32Array;
  /** [count] */
  readonly labels: Int32Array;
}

export interface BatchOptions {
  readonly seed: number;
  /** Images of a batch. */
  readonly batch: number;
  readonly augment: "standard" | "none";
  /** Whether each epoch has an order of its own, or the data set's. */
  readonly shuffle: boolean;
}

/**
 * The batches of a run, by step. A batch is a function of the options and the step alone; an epoch is a permutation of
 * the training split, and the remainder of one opens the next.
 */
export function trainingBatches(dataset: Dataset, options: BatchOptions): (step: number) => Batch {
  const { seed, batch, augment, shuffle } = options;
  const { count } = dataset.train;
  const table = normalisationTable(dataset.mean, dataset.std);
  const orders = new Map<number, Uint32Array>();
  const orderOf = (epoch: number) => {
    const order = orders.get(epoch) ?? permutation(seed, epoch, count);
    orders.delete(epoch - 2);
    orders.set(epoch, order);
    return order;
  };
  return (step) =>
    gather(dataset, dataset.train, batch, table, (at) => {
      const position = step * batch + at;
      const within = position % count;
      return {
        image: shuffle ? orderOf(Math.floor(position / count))[within]! : within,
        view: augment === "standard" ? drawView(stream(seed, "augmentation", position)) : WHOLE,
      };
    });
}

/** The images of a split in their order, not augmented; the last batch may be smaller. */
export function* batchesInOrder(dataset: Dataset, split: Split, batch: number): Generator<Batch> {
  const table = normalisationTable(dataset.mean, dataset.std);
  for (let begin = 0; begin < split.count; begin += batch) {
    const count = Math.min(batch, split.count - begin);
    yield gather(dataset, split, count, table, (at) => ({ image: begin + at, view: WHOLE }));
  }
}

function gather(
  { imageShape }: Dataset,
  split: Split,
  count: number,
  table: Float32Array,
  choose: (at: number) => { image: number; view: typeof WHOLE },
): Batch {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  const images = new Float32Array(count * size), labels = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const { image, view } = choose(at);
    const pixels = split.images.subarray(image * size, (image + 1) * size);
    writeView(pixels, imageShape, view, table, images.subarray(at * size, (at + 1) * size));
    labels[at] = split.labels[image]!;
  }
  return { count, images, labels };
}
