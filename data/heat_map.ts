/**
 * Heat maps over pictures: the places of large values in colour.
 *
 * @module
 */

/** A map of values, 0 or more. */
export interface HeatMap {
  /** [height, width] */
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}

/** Colours from no value to the largest: blue, cyan, yellow, red. */
const COLOURS = [[20, 20, 140], [0, 170, 220], [250, 220, 60], [220, 30, 20]] as const;
/** The share of the colour at the largest value; the picture stays visible below it. */
const COVER = 0.65;

/**
 * Draws a map over a picture. The largest value has the full colour; a map without values leaves the picture grey.
 *
 * @param pixels [height, width, 3]
 * @returns [height, width, 3]
 */
export function withHeat(
  pixels: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
  map: HeatMap,
): Uint8Array {
  const most = Array.from(map.values).reduce((a, b) => Math.max(a, b), 0);
  const rows = Array.from({ length: height }, (_, y) => neighbours((y + 0.5) / height, map.height));
  const columns = Array.from({ length: width }, (_, x) => neighbours((x + 0.5) / width, map.width));
  const drawn = new Uint8Array(pixels.length);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const value = most === 0 ? 0 : between(map, rows[Math.floor(pixel / width)]!, columns[pixel % width]!) / most;
    const at = 3 * pixel, share = COVER * value;
    const grey = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
    for (let channel = 0; channel < 3; channel++) {
      drawn[at + channel] = Math.round(grey * (1 - share) + colourOf(value, channel) * share);
    }
  }
  return drawn;
}

/** The value at a place, linear between the centres of the map's places. */
function between({ values, width }: HeatMap, [top, bottom, y]: Neighbours, [left, right, x]: Neighbours): number {
  const upper = values[top * width + left]! * (1 - x) + values[top * width + right]! * x;
  const lower = values[bottom * width + left]! * (1 - x) + values[bottom * width + right]! * x;
  return upper * (1 - y) + lower * y;
}

/** The places of a map before and after a place of the picture, and the share of the one after. */
type Neighbours = readonly [before: number, after: number, share: number];

/** @param place 0 to 1 of the picture's side */
function neighbours(place: number, size: number): Neighbours {
  const within = Math.min(size - 1, Math.max(0, place * size - 0.5)), before = Math.floor(within);
  return [before, Math.min(size - 1, before + 1), within - before];
}

/** @param value 0 to 1 */
function colourOf(value: number, channel: number): number {
  const position = value * (COLOURS.length - 1), before = Math.min(COLOURS.length - 2, Math.floor(position));
  const share = position - before;
  return COLOURS[before]![channel]! * (1 - share) + COLOURS[before + 1]![channel]! * share;
}
