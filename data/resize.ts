/**
 * Pictures of bytes made smaller or larger, as Pillow's `Image.resize` with BOX or BILINEAR makes them, byte for byte: each
 * pixel is a weighted mean of those that it covers, along the rows and then along the columns, in fixed-point numbers.
 *
 * @module
 */

interface Filter {
  /** How far the filter reaches either way, in pixels of the smaller picture. */
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

/** By name: `area` is the mean of what a pixel covers, `bilinear` falls off linearly from its middle. */
const filters = {
  area: { reach: 0.5, weight: (distance) => distance > -0.5 && distance <= 0.5 ? 1 : 0 },
  bilinear: { reach: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
} satisfies Record<string, Filter>;

export type FilterName = keyof typeof filters;

/** Bits behind the point of a weight. */
const PRECISION = 22;
const CHANNELS = 3;

/** Weights of the source's pixels from `first` on in a pixel of the result. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

function tapsOf(from: number, to: number, { reach, weight }: Filter): Taps[] {
  const scale = from / to, spread = Math.max(1, scale), support = reach * spread;
  return Array.from({ length: to }, (_, at) => {
    const middle = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(middle - support + 0.5));
    const count = Math.min(from, Math.trunc(middle + support + 0.5)) - first;
    const raw = Array.from({ length: count }, (_, tap) => weight((tap + first - middle + 0.5) / spread));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((value) => Math.trunc(0.5 + value / sum * 2 ** PRECISION)) };
  });
}

/**
 * Resizes pictures.
 *
 * @param images [count, height, width, 3]
 * @returns [count, side, side, 3]
 */
export function resized(
  images: Uint8Array,
  [height, width]: readonly [height: number, width: number, ...rest: number[]],
  side: number,
  filter: FilterName = "area",
): Uint8Array<ArrayBuffer> {
  const [across, down] = [tapsOf(width, side, filters[filter]), tapsOf(height, side, filters[filter])];
  const count = images.length / (height * width * CHANNELS);
  const rows = along(images, { lines: count * height, taps: across, from: width, inner: CHANNELS });
  return along(rows, { lines: count, taps: down, from: height, inner: side * CHANNELS });
}

/** Resizes the middle axis of bytes [lines, from, inner]. */
function along(
  bytes: Uint8Array,
  { lines, taps, from, inner }: { lines: number; taps: readonly Taps[]; from: number; inner: number },
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(lines * taps.length * inner);
  let to = 0;
  for (let line = 0; line < lines; line++) {
    for (const { first, weights } of taps) {
      const begin = (line * from + first) * inner;
      for (let at = begin; at < begin + inner; at++, to++) {
        let sum = 1 << (PRECISION - 1);
        for (let tap = 0; tap < weights.length; tap++) sum += weights[tap]! * bytes[at + tap * inner]!;
        result[to] = Math.min(255, sum >> PRECISION);
      }
    }
  }
  return result;
}
