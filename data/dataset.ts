/**
 * A decoded data set, and its file: safetensors with
 *
 *     train.images, test.images   uint8 [count, height, width, 3], red, green, blue
 *     train.labels, test.labels   uint8 [count]
 *     validation.images, .labels  the same, where the data has a validation split of its own
 *     metadata                    name; as JSON: labels, and mean and std of each channel of pixels in [0, 1]
 *
 * @module
 */
import { z } from "zod";
import type { PerChannel } from "./catalogue.ts";
import { InputError } from "./files/input_error.ts";
import { parseJson } from "./files/json.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./files/safetensors.ts";
import { pathText, shortened } from "./printable.ts";

export interface Split {
  readonly count: number;
  /** [count, height, width, 3] */
  readonly images: Uint8Array;
  /** [count], indices of classes */
  readonly labels: Uint8Array;
}

export interface Dataset {
  readonly name: string;
  /** Names of the classes. */
  readonly labels: readonly string[];
  /** Height, width and channels. */
  readonly imageShape: readonly [number, number, number];
  readonly mean: PerChannel;
  readonly std: PerChannel;
  readonly train: Split;
  readonly test: Split;
  /** The validation split of data that comes with one. */
  readonly validation?: Split;
}

const splitNames = ["train", "test", "validation"] as const;

/** Writes a data set as the bytes of its file. */
export function encodeDataset(dataset: Dataset): Uint8Array<ArrayBuffer> {
  const { name, labels, imageShape, mean, std } = dataset;
  const tensors = Object.fromEntries(splitNames.flatMap((split): [string, StoredTensor][] => {
    if (!dataset[split]) return [];
    const { count, images, labels } = dataset[split];
    return [
      [`${split}.images`, { shape: [count, ...imageShape], data: images }],
      [`${split}.labels`, { shape: [count], data: labels }],
    ];
  }));
  const metadata = { name, labels: JSON.stringify(labels), mean: JSON.stringify(mean), std: JSON.stringify(std) };
  return encodeSafetensors({ tensors, metadata });
}

const parsedJson = (text: unknown): unknown => parseJson(String(text));
const Labels = z.array(z.string().min(1)).min(2).max(256).refine((labels) => new Set(labels).size === labels.length);
/** Least standard deviation of a channel: one pixel of a billion that differs by 1 of 255 has a larger one. */
const LEAST_STD = 1e-8;
const ofPixels = z.number().min(0).max(1);
const Channels = z.tuple([ofPixels, ofPixels, ofPixels]);
const Metadata = z.strictObject({
  name: z.string(),
  labels: z.preprocess(parsedJson, Labels),
  mean: z.preprocess(parsedJson, Channels),
  std: z.preprocess(parsedJson, Channels.refine((std) => std.every((value) => value >= LEAST_STD))),
});

/**
 * Reads a data set.
 *
 * @param source name of the file, for errors
 * @throws {InputError} if the bytes are not a data set
 */
export function decodeDataset(bytes: Uint8Array, source: string): Dataset {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  const bad = (what: string) => new InputError(`${source} is not a data set: ${what}`);
  const known = Metadata.safeParse(metadata);
  if (!known.success) {
    const [field] = known.error.issues[0]!.path;
    throw bad(field === undefined ? "its metadata has other fields" : `its metadata has no ${String(field)}`);
  }
  const imageShape = tensors["train.images"]?.shape.slice(1) as unknown as Dataset["imageShape"] | undefined;
  const split = (name: string): Split => {
    const images = tensors[`${name}.images`], labels = tensors[`${name}.labels`];
    if (!(images?.data instanceof Uint8Array && images.shape.length === 4 && images.shape[3] === 3)) {
      throw bad(`it has no ${name}.images`);
    }
    if (`${images.shape.slice(1)}` !== `${imageShape}`) throw bad(`its images are not all [${imageShape}]`);
    if (!(labels?.data instanceof Uint8Array && `${labels.shape}` === `${images.shape[0]}`)) {
      throw bad(`it has not one of ${name}.labels for each of its images`);
    }
    return { count: labels.data.length, images: images.data, labels: labels.data };
  };
  const dataset = {
    ...{ ...known.data, train: split("train"), test: split("test"), imageShape: imageShape! },
    ...(tensors["validation.images"] && { validation: split("validation") }),
  };
  checkLabels(dataset, source);
  return dataset;
}

/** Returns the images of a split from `begin` up to, but not including, `end`. */
export function imagesOf(
  { imageShape }: Pick<Dataset, "imageShape">,
  { images, labels }: Split,
  begin: number,
  end: number,
): Split {
  const size = imageShape.reduce((a, b) => a * b);
  return { count: end - begin, images: images.subarray(begin * size, end * size), labels: labels.subarray(begin, end) };
}

/** Ends of a line, and of a text in C: lists of classes have one on each line. */
const LINE_BREAK = /[\0\n\v\f\r\x85]/;

/**
 * Checks that labels and classes fit each other, and that a class's name is one line.
 *
 * @throws {InputError} if a label names no class, or a class has no training image or a line break in its name
 */
export function checkLabels({ labels, train, test, validation }: Dataset, source: string): void {
  const broken = labels.find((label) => LINE_BREAK.test(label));
  if (broken !== undefined) {
    throw new InputError(`${pathText(source)}: class "${shortened(broken)}" has a line break in its name; rename it`);
  }
  for (const { labels: indices } of [train, test, ...(validation ? [validation] : [])]) {
    const stray = indices.findIndex((label) => label >= labels.length);
    if (stray !== -1) {
      throw new InputError(
        `${source}: image ${stray} has label ${indices[stray]}, but there are ${labels.length} classes`,
      );
    }
  }
  if (test.count === 0) throw new InputError(`${source} has no test images`);
  if (validation?.count === 0) throw new InputError(`${source} has a validation split without images`);
  const present = new Set(train.labels);
  const empty = labels.findIndex((_, label) => !present.has(label));
  if (empty !== -1) throw new InputError(`${source}: class ${shortened(labels[empty]!)} has no training images`);
}

/** Computes the mean and standard deviation of each channel of images [count, height, width, 3], for pixels in [0, 1]. */
export function channelStatistics(images: Uint8Array): { mean: PerChannel; std: PerChannel } {
  const sum = [0, 0, 0], squares = [0, 0, 0];
  for (let at = 0; at < images.length; at++) {
    const channel = at % 3, value = images[at]!;
    sum[channel]! += value;
    squares[channel]! += value * value;
  }
  const pixels = images.length / 3;
  const mean = sum.map((total) => total / pixels);
  const std = squares.map((total, channel) => Math.sqrt(Math.max(0, total / pixels - mean[channel]! ** 2)));
  const scaled = (values: number[]) => values.map((value) => value / 255) as unknown as PerChannel;
  return { mean: scaled(mean), std: scaled(std) };
}
