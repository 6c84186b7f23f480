/**
 * Images as a network takes them: normalised, whole or moved and mirrored.
 *
 * @module
 */
import type { PerChannel } from "./catalogue.ts";
import type { Stream } from "./random.ts";
import { reflected } from "./reflection.ts";

const CHANNELS = 3;

/** For every channel and byte the normalised value, (byte / 255 - mean) / std, at `byte * 3 + channel`. */
export function normalisationTable(mean: PerChannel, std: PerChannel): Float32Array {
  return Float32Array.from({ length: 256 * CHANNELS }, (_, at) => {
    const channel = at % CHANNELS;
    return ((at - channel) / CHANNELS / 255 - mean[channel]!) / std[channel]!;
  });
}

/** What is seen of an image: all of it, mirrored or not, and then a window moved by `down` and `right` pixels. */
export interface View {
  readonly mirrored: boolean;
  readonly down: number;
  readonly right: number;
  /** What moves in from outside: the image mirrored, or default: 0. */
  readonly border?: "reflect";
}

/** The image as it is. */
export const WHOLE: View = { mirrored: false, down: 0, right: 0 };

/** What views are drawn from; what is not given is not drawn. */
export interface ViewOptions {
  /** Probability of being mirrored. */
  readonly flip?: number | undefined;
  /** Greatest number of pixels to move by, each way. */
  readonly padding?: number | undefined;
}

export function drawView({ flip, padding }: ViewOptions, { uniform, integer }: Stream): View {
  const mirrored = flip !== undefined && uniform() < flip;
  if (padding === undefined) return { ...WHOLE, mirrored };
  return { mirrored, down: integer(2 * padding + 1) - padding, right: integer(2 * padding + 1) - padding };
}

/**
 * Writes the view of an image, normalised; what moves in from outside is 0 unless the view says otherwise.
 *
 * @param image uint8 [height, width, 3]; mirrored first, then moved
 * @param table from {@linkcode normalisationTable}
 * @param target float32 [height, width, 3], filled whole
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
