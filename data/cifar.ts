/**
 * The binary records of CIFAR-10 and CIFAR-100: one or two label bytes, then the red, the green and the blue plane of
 * 32 x 32 pixels, row by row (https://www.cs.toronto.edu/~kriz/cifar.html).
 *
 * @module
 */
import type { DatasetSource } from "./catalogue.ts";
import type { Split } from "./dataset.ts";
import { InputError } from "./files/input_error.ts";

export const SIDE = 32;
const PLANE = SIDE * SIDE;
const CHANNELS = 3;

/** Returns the bytes of one record. */
export const recordBytes = ({ labelBytes }: Pick<DatasetSource, "labelBytes">): number => labelBytes + CHANNELS * PLANE;

/** The content of one file of records. */
export interface RecordBytes {
  /** Name of the file, for errors. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Decodes the files of a split, one after the other.
 *
 * @throws {InputError} if a file is not a whole number of records, or the class of a record does not exist
 */
export function decodeRecords(files: readonly RecordBytes[], { labelBytes, labelAt, classes }: DatasetSource): Split {
  const size = recordBytes({ labelBytes });
  for (const { name, bytes } of files) {
    if (bytes.length === 0 || bytes.length % size !== 0) {
      throw new InputError(`${name} has ${bytes.length} bytes, which is not a number of records of ${size} bytes`);
    }
  }
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / size, 0);
  const images = new Uint8Array(count * PLANE * CHANNELS), labels = new Uint8Array(count);
  let image = 0;
  for (const { name, bytes } of files) {
    for (let begin = 0; begin < bytes.length; begin += size, image++) {
      const label = bytes[begin + labelAt]!;
      if (label >= classes) {
        throw new InputError(`${name}: record ${begin / size} has class ${label}, but there are ${classes} classes`);
      }
      labels[image] = label;
      interleave(bytes.subarray(begin + labelBytes, begin + size), images, image * PLANE * CHANNELS);
    }
  }
  return { count, images, labels };
}

/** Encodes a record with one label byte; `pixels` is [32, 32, 3]. */
export function encodeRecord(label: number, pixels: Uint8Array): Uint8Array {
  const record = new Uint8Array(recordBytes({ labelBytes: 1 }));
  record[0] = label;
  for (let pixel = 0; pixel < PLANE; pixel++) {
    for (let channel = 0; channel < CHANNELS; channel++) {
      record[1 + channel * PLANE + pixel] = pixels[pixel * CHANNELS + channel]!;
    }
  }
  return record;
}

function interleave(planes: Uint8Array, images: Uint8Array, at: number): void {
  for (let pixel = 0; pixel < PLANE; pixel++) {
    images[at++] = planes[pixel]!;
    images[at++] = planes[pixel + PLANE]!;
    images[at++] = planes[pixel + 2 * PLANE]!;
  }
}

/** Reads the names of the classes in a label file. */
export const decodeLabels = (text: string): string[] =>
  text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
