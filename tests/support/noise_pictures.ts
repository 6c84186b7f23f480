/**
 * Splits of small pictures of noise, for tests that divide them.
 *
 * @module
 */
import type { Split } from "../../data/dataset.ts";
import { uniformNumbers } from "./random_tensors.ts";

export const imageShape = [2, 2, 3] as const;
/** Bytes of a picture. */
export const SIZE = 12;

/** Draws pictures, of classes in turn unless `labelOf` says otherwise. */
export function noisePictures(count: number, seed = 1, labelOf = (at: number) => at % 4): Split {
  const next = uniformNumbers(seed);
  return {
    count,
    images: Uint8Array.from({ length: count * SIZE }, () => 256 * next()),
    labels: Uint8Array.from({ length: count }, (_, at) => labelOf(at)),
  };
}

/** Writes each picture and its label as a text. */
export const texts = ({ count, images, labels }: Split): string[] =>
  Array.from({ length: count }, (_, at) => `${labels[at]}: ${images.subarray(at * SIZE, (at + 1) * SIZE)}`);

export const joined = (a: Split, b: Split): Split => ({
  count: a.count + b.count,
  images: Uint8Array.from([...a.images, ...b.images]),
  labels: Uint8Array.from([...a.labels, ...b.labels]),
});

/** Counts the pictures of a class. */
export const ofClass = ({ labels }: Split, label: number): number => labels.filter((each) => each === label).length;
