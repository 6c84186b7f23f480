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
  const drawn = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = most === 0 ? 0 : between(map, (y + 0.5) / height, (x + 0.5) / width) / most;
      const at = 3 * (y * width + x);
      const grey = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
      const colour = colourOf(value), share = COVER * value;
      for (let channel = 0; channel < 3; channel++) {
        drawn[at + channel] = Math.round(grey * (1 - share) + colour[channel]! * share);
      }
    }
  }
  return drawn;
}

/** The value at a place, 0 to 1 of height and width, linear between the centres of the map's places. */
function between({ values, height, width }: HeatMap, down: number, across: number): number {
  const [top, bottom, y] = neighbours(down * height - 0.5, height);
  const [left, right, x] = neighbours(across * width - 0.5, width);
  const row = (at: number) => values[at * width + left]! * (1 - x) + values[at * width + right]! * x;
  return row(top) * (1 - y) + row(bottom) * y;
}

/** The places before and after a position, and the share of the one after. */
function neighbours(position: number, size: number): [number, number, number] {
  const within = Math.min(size - 1, Math.max(0, position)), before = Math.floor(within);
  return [before, Math.min(size - 1, before + 1), within - before];
}

function colourOf(value: number): number[] {
  const position = value * (COLOURS.length - 1), before = Math.min(COLOURS.length - 2, Math.floor(position));
  const share = position - before;
  return COLOURS[before]!.map((channel, at) => channel * (1 - share) + COLOURS[before + 1]![at]! * share);
}
