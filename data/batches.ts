/**
 * Batches: for training, the batch of a step in the endless sequence of shuffled epochs; for evaluation, all images in
 * order.
 *
 * @module
 */
import { type AugmentationStep, parseAugmentations } from "./augmentation_list.ts";
import { augmenter } from "./augmenter.ts";
import { balancedOrder } from "./balanced_order.ts";
import type { Dataset, Split } from "./dataset.ts";
import { mixImages, type MixingName, mixings, mixLabels, type Places } from "./mixing.ts";
import { parseSizePlan, sideAt, stepsAtSide, withSide } from "./picture_sizes.ts";
import { permutation, stream, STREAM_POSITIONS } from "./random.ts";
import { normalisationTable, type View, WHOLE, writeView } from "./view.ts";

export interface Batch {
  readonly count: number;
  /** [count, height, width, 3], normalised */
  readonly images: Float32Array<ArrayBuffer>;
  /** [count]; of mixed images those with the largest share */
  readonly labels: Int32Array<ArrayBuffer>;
  /** [count, classes], where images are mixed: the share of each class */
  readonly targets?: Float32Array<ArrayBuffer>;
}

export interface BatchOptions {
  readonly seed: number;
  /** Images of a batch. */
  readonly batch: number;
  /** Makes one of the equal parts of each batch; default: the whole batch. */
  readonly part?: Part;
  /** List of augmentations, as `augmentation_list.ts` reads it. */
  readonly augment: string;
  /** Mixes images after their augmentation; default: no mixing. */
  readonly mixing?: { readonly name: MixingName; readonly amount: number } | undefined;
  /** Plan of smaller images, as `picture_sizes.ts` reads it; default: all images have the data set's size. */
  readonly sizes?: string;
  /** Shuffles each epoch; otherwise the images keep the order of the data set. */
  readonly shuffle: boolean;
  /** Draws every class equally often in each epoch; `shuffle` is true then. Default: every image once. */
  readonly balanced?: boolean;
}

/** A part of every batch. */
export interface Part {
  /** 0 to `count - 1` */
  readonly index: number;
  /** Number of parts; it divides the batch. */
  readonly count: number;
}

export const WHOLE_BATCH: Part = { index: 0, count: 1 };

/** A data set without the splits that nothing is trained on. */
export type TrainingData = Omit<Dataset, "test" | "validation">;

/**
 * Returns a function that makes the batch of a step. A batch depends on the options and the step alone. An epoch is a
 * permutation of the training split; images that fill no batch open the next epoch.
 */
export function trainingBatches(dataset: TrainingData, options: BatchOptions): (step: number) => Batch {
  const { batch, augment, sizes = "none" } = options;
  const steps = parseAugmentations(augment), plan = parseSizePlan(sizes);
  if (plan.length === 0) return batchesOfSize(dataset, steps, options);
  const [whole] = dataset.imageShape, stepsPerEpoch = Math.floor(dataset.train.count / batch);
  let current: { readonly side: number; readonly batchAt: (step: number) => Batch } | undefined;
  return (step) => {
    const side = sideAt(plan, Math.floor(step / stepsPerEpoch), whole);
    if (current?.side !== side) {
      const batchAt = batchesOfSize(withSide(dataset, side), stepsAtSide(steps, side, whole), options);
      current = { side, batchAt };
    }
    return current.batchAt(step);
  };
}

/** Makes the batches of a data set whose images keep their size. */
function batchesOfSize(
  dataset: TrainingData,
  steps: readonly AugmentationStep[],
  { seed, batch, part = WHOLE_BATCH, mixing, shuffle, balanced = false }: BatchOptions,
): (step: number) => Batch {
  const { train } = dataset;
  const write = augmenter(steps, dataset);
  const orders = new Map<number, Uint32Array>();
  const drawn = (epoch: number) =>
    balanced ? balancedOrder(train.labels, seed, epoch) : permutation(seed, epoch, train.count);
  const orderOf = (epoch: number) => {
    const order = orders.get(epoch) ?? drawn(epoch);
    orders.delete(epoch - 2);
    orders.set(epoch, order);
    return order;
  };
  const places = (step: number, { first, count }: Places) =>
    gather(dataset, train, count, (at, target) => {
      const position = step * batch + first + at;
      const within = position % train.count, epoch = Math.floor(position / train.count);
      const image = shuffle ? orderOf(epoch)[within]! : within;
      // A long run of a large data set has more samples than a stream has positions.
      const random = stream(seed, "augmentation", position % STREAM_POSITIONS, Math.floor(position / STREAM_POSITIONS));
      write(pixelsOf(dataset, train, image), random, target, { seed, image, epoch });
      return image;
    });
  const own = { first: part.index * batch / part.count, count: batch / part.count };
  if (!mixing) return (step) => places(step, own);
  const classes = dataset.labels.length, mixed = { batch, imageShape: dataset.imageShape };
  return (step) => {
    // A partner may be anywhere in the batch, so every process makes all of it.
    const { images, labels } = places(step, { first: 0, count: batch });
    const layers = mixings[mixing.name].draw(mixing.amount, mixed, (index) => stream(seed, "mixing", step, index));
    const targets = mixLabels(layers, labels, classes, own);
    return {
      count: own.count,
      images: mixImages(layers, images, mixed, own),
      labels: largest(targets, classes),
      targets,
    };
  };
}

/** The class with the largest share of each image. */
function largest(targets: Float32Array, classes: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: targets.length / classes }, (_, at) => {
    const shares = targets.subarray(at * classes, (at + 1) * classes);
    return shares.indexOf(Math.max(...shares));
  });
}

/** Yields a view of the images of a split in order; the last batch may be smaller. */
export function* batchesInOrder(
  dataset: Pick<Dataset, "imageShape" | "mean" | "std">,
  split: Split,
  batch: number,
  view: View = WHOLE,
): Generator<Batch> {
  const table = normalisationTable(dataset.mean, dataset.std);
  for (let begin = 0; begin < split.count; begin += batch) {
    yield gather(dataset, split, Math.min(batch, split.count - begin), (at, target) => {
      writeView(pixelsOf(dataset, split, begin + at), dataset.imageShape, view, table, target);
      return begin + at;
    });
  }
}

type Shaped = Pick<Dataset, "imageShape">;

const sizeOf = ({ imageShape: [height, width, channels] }: Shaped) => height * width * channels;

/** Returns the bytes of an image of a split, [height, width, 3]. */
export const pixelsOf = (dataset: Shaped, { images }: Split, image: number): Uint8Array =>
  images.subarray(image * sizeOf(dataset), (image + 1) * sizeOf(dataset));

/** @param write writes the image at a place of the batch, and returns its index in the split */
function gather(
  dataset: Shaped,
  split: Split,
  count: number,
  write: (at: number, target: Float32Array) => number,
): Batch {
  const size = sizeOf(dataset);
  const images = new Float32Array(count * size), labels = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    labels[at] = split.labels[write(at, images.subarray(at * size, (at + 1) * size))]!;
  }
  return { count, images, labels };
}
