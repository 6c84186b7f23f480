/**
 * Views of images as a network takes them: normalised, and mirrored or moved.
 *
 * @module
 */
import type { PerChannel } from "./catalogue.ts";
import type { Stream } from "./random.ts";
import { reflected } from "./reflection.ts";

const CHANNELS = 3;

/** Returns the normalised value of every byte and channel, (byte / 255 - mean) / std, at `byte * 3 + channel`. */
export function normalisationTable(mean: PerChannel, std: PerChannel): Float32Array {
  return Float32Array.from({ length: 256 * CHANNELS }, (_, at) => {
    const channel = at % CHANNELS;
    return ((at - channel) / CHANNELS / 255 - mean[channel]!) / std[channel]!;
  });
}

/** A view of an image: mirrored or not, then seen through a window moved by `down` and `right` pixels. */
export interface View {
  readonly mirrored: boolean;
  readonly down: number;
  readonly right: number;
  /** Pixels outside the image are its reflection; default: they are 0. */
  readonly border?: "reflect";
}

/** The whole image, unmoved and unmirrored. */
export const WHOLE: View = { mirrored: false, down: 0, right: 0 };

/** The distribution of random views; an absent option is not drawn. */
export interface ViewOptions {
  /** Probability of being mirrored. */
  readonly flip?: number | undefined;
  /** Greatest shift in pixels, each way. */
  readonly padding?: number | undefined;
}

/** Draws a view. */
export function drawView({ flip, padding }: ViewOptions, { uniform, integer }: Stream): View {
  const mirrored = flip !== undefined && uniform() < flip;
  if (padding === undefined) return { ...WHOLE, mirrored };
  return { mirrored, down: integer(2 * padding + 1) - padding, right: integer(2 * padding + 1) - padding };
}

/**
 * Writes a view of an image, normalised; pixels from outside the image are 0 unless the view says otherwise.
 *
 * @param image uint8 [height, width, 3]; mirrored first, then moved
 * @param table from {@linkcode normalisationTable}
 * @param target float32 [height, width, 3]; every element is written
 */
export function writeView(
  image: Uint8Array,
  [height, width]: readonly [number, number, number],
  view: View,
  table: Float32Array,
  target: Float32Array,
): void {
  if (view.border === "reflect") return writeReflected(image, [height, width], view, table, target);
  const { mirrored, down, right } = view;
  target.fill(0);
  const firstColumn = Math.max(0, -right), columns = width - Math.abs(right);
  const step = mirrored ? -CHANNELS : CHANNELS;
  for (let row = Math.max(0, -down); row < Math.min(height, height - down); row++) {
    const column = firstColumn + right;
    let from = ((row + down) * width + (mirrored ? width - 1 - column : column)) * CHANNELS;
    let to = (row * width + firstColumn) * CHANNELS;
    for (let count = 0; count < columns; count++, from += step, to += CHANNELS) {
      target[to] = table[image[from]! * CHANNELS]!;
      target[to + 1] = table[image[from + 1]! * CHANNELS + 1]!;
      target[to + 2] = table[image[from + 2]! * CHANNELS + 2]!;
    }
  }
}

function writeReflected(
  image: Uint8Array,
  [height, width]: readonly [number, number],
  { mirrored, down, right }: View,
  table: Float32Array,
  target: Float32Array,
): void {
  for (let row = 0, to = 0; row < height; row++) {
    const begin = reflected(row + down, height) * width;
    for (let column = 0; column < width; column++) {
      const seen = reflected(column + right, width);
      const from = (begin + (mirrored ? width - 1 - seen : seen)) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++, to++) {
        target[to] = table[image[from + channel]! * CHANNELS + channel]!;
      }
    }
  }
}
