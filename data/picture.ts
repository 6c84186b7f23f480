/**
 * Operations on pictures of floating-point numbers. Every function returns a new picture and leaves its argument unchanged.
 *
 * @module
 */
import type { PerChannel } from "./catalogue.ts";

/** Red, green and blue of 0 to 1, [height, width, 3]. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
}

const CHANNELS = 3;
/** Shares of red, green and blue in the brightness of a pixel (ITU-R BT.601). */
export const LUMA: PerChannel = [0.299, 0.587, 0.114];

/** The colour outside a picture, for operations that show nothing outside. */
const UNSEEN: PerChannel = [0, 0, 0];

/** A place in a picture; (0, 0) is the middle of the first pixel. */
type Place = readonly [y: number, x: number];

/** Rearranges pixels: `from` returns the number of the source pixel, or undefined for a pixel of `fill`. */
export function rearranged(
  source: Picture,
  [height, width]: readonly [number, number],
  from: (y: number, x: number) => number | undefined,
  fill: PerChannel,
): Picture {
  const pixels = new Float32Array(height * width * CHANNELS);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += CHANNELS) {
      const pixel = from(y, x);
      for (let c = 0; c < CHANNELS; c++) {
        pixels[at + c] = pixel === undefined ? fill[c]! : source.pixels[pixel * CHANNELS + c]!;
      }
    }
  }
  return { height, width, pixels };
}

/** Resamples a picture: each pixel is interpolated between the four source pixels around a place, or `fill` outside. */
export function resampled(
  source: Picture,
  [height, width]: readonly [number, number],
  from: (y: number, x: number) => Place,
  fill: PerChannel,
): Picture {
  const pixels = new Float32Array(height * width * CHANNELS);
  /** Adds a share of a pixel of the source to the pixel at `at`. */
  const add = (at: number, row: number, column: number, share: number) => {
    if (share === 0) return;
    const inside = row >= 0 && row < source.height && column >= 0 && column < source.width;
    const begin = (row * source.width + column) * CHANNELS;
    for (let c = 0; c < CHANNELS; c++) pixels[at + c]! += share * (inside ? source.pixels[begin + c]! : fill[c]!);
  };
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += CHANNELS) {
      const [row, column] = from(y, x);
      const top = Math.floor(row), left = Math.floor(column), down = row - top, right = column - left;
      add(at, top, left, (1 - down) * (1 - right));
      add(at, top, left + 1, (1 - down) * right);
      add(at, top + 1, left, down * (1 - right));
      add(at, top + 1, left + 1, down * right);
    }
  }
  return { height, width, pixels };
}

/** Mirrors left to right. */
export const mirrored = (picture: Picture): Picture =>
  rearranged(
    picture,
    [picture.height, picture.width],
    (y, x) => y * picture.width + picture.width - 1 - x,
    UNSEEN,
  );

/** Mirrors top to bottom. */
export const upsideDown = (picture: Picture): Picture =>
  rearranged(picture, [picture.height, picture.width], (y, x) => (picture.height - 1 - y) * picture.width + x, UNSEEN);

/** Turns to the left by a number of right angles. */
export function turned(picture: Picture, quarters: number): Picture {
  const { height, width } = picture;
  switch (quarters % 4) {
    case 1:
      return rearranged(picture, [width, height], (y, x) => x * width + width - 1 - y, UNSEEN);
    case 2:
      return rearranged(picture, [height, width], (y, x) => (height - 1 - y) * width + width - 1 - x, UNSEEN);
    case 3:
      return rearranged(picture, [width, height], (y, x) => (height - 1 - x) * width + y, UNSEEN);
    default:
      return picture;
  }
}

/** Turns to the left about the middle by an angle in radians; the corners are `fill`. */
export function rotated(picture: Picture, angle: number, fill: PerChannel): Picture {
  const { height, width } = picture;
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const from = (y: number, x: number): Place => [
    middleY + cosine * (y - middleY) + sine * (x - middleX),
    middleX + cosine * (x - middleX) - sine * (y - middleY),
  ];
  return resampled(picture, [height, width], from, fill);
}

/** Moves the window over the picture by whole pixels; outside is `fill`. */
export function moved(picture: Picture, down: number, right: number, fill: PerChannel): Picture {
  const { height, width } = picture;
  const inside = (place: number, size: number) => place >= 0 && place < size;
  const from = (y: number, x: number) =>
    inside(y + down, height) && inside(x + right, width) ? (y + down) * width + x + right : undefined;
  return rearranged(picture, [height, width], from, fill);
}

/** Enlarges a part of the picture to the picture's size. The part lies inside; its place and size are in pixels. */
export function enlarged(
  picture: Picture,
  { top, left, height, width }: Readonly<Record<"top" | "left" | "height" | "width", number>>,
): Picture {
  const within = (place: number, size: number) => Math.min(size - 1, Math.max(0, place));
  const from = (y: number, x: number): Place => [
    within(top + (y + 0.5) * height / picture.height - 0.5, picture.height),
    within(left + (x + 0.5) * width / picture.width - 0.5, picture.width),
  ];
  return resampled(picture, [picture.height, picture.width], from, UNSEEN);
}

/** Maps every number, and clips the result to 0 to 1. */
export function mapped(picture: Picture, map: (value: number, channel: number, at: number) => number): Picture {
  const pixels = picture.pixels.map((value, at) => Math.min(1, Math.max(0, map(value, at % CHANNELS, at))));
  return { ...picture, pixels };
}

/** Returns the brightness of every pixel. */
const luma = ({ pixels }: Picture): Float32Array =>
  Float32Array.from(
    { length: pixels.length / CHANNELS },
    (_, at) => LUMA.reduce((sum, share, channel) => sum + share * pixels[at * CHANNELS + channel]!, 0),
  );

/** Multiplies by `factor`. */
export const brightened = (picture: Picture, factor: number): Picture => mapped(picture, (value) => value * factor);

/** Multiplies the differences from the mean brightness by `factor`. */
export function contrasted(picture: Picture, factor: number): Picture {
  const mean = luma(picture).reduce((sum, value) => sum + value, 0) / (picture.height * picture.width);
  return mapped(picture, (value) => mean + factor * (value - mean));
}

/** Multiplies the differences of the channels from the pixel's brightness by `factor`. */
export function saturated(picture: Picture, factor: number): Picture {
  const grey = luma(picture);
  return mapped(picture, (value, _, at) => {
    const level = grey[Math.floor(at / CHANNELS)]!;
    return level + factor * (value - level);
  });
}

/** Adds a number to each channel. */
export const tinted = (picture: Picture, colour: PerChannel): Picture =>
  mapped(picture, (value, channel) => value + colour[channel]!);

/** Blurs by a Gaussian of a deviation of `sigma` pixels; the edge pixels continue outside. */
export function blurred(picture: Picture, sigma: number): Picture {
  if (sigma <= 0) return picture;
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((a, b) => a + b);
  const kernel = weights.map((weight) => weight / total);
  return convolved(convolved(picture, kernel, "rows"), kernel, "columns");
}

function convolved(picture: Picture, kernel: readonly number[], along: "rows" | "columns"): Picture {
  const { height, width, pixels } = picture;
  const reach = (kernel.length - 1) / 2;
  const result = new Float32Array(pixels.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < CHANNELS; c++, at++) {
        let sum = 0;
        for (let tap = -reach; tap <= reach; tap++) {
          const row = along === "rows" ? y : Math.min(height - 1, Math.max(0, y + tap));
          const column = along === "columns" ? x : Math.min(width - 1, Math.max(0, x + tap));
          sum += kernel[tap + reach]! * pixels[(row * width + column) * CHANNELS + c]!;
        }
        result[at] = sum;
      }
    }
  }
  return { ...picture, pixels: result };
}

/** Adds the difference from the picture blurred by one pixel, `strength` times (an unsharp mask). */
export function sharpened(picture: Picture, strength: number): Picture {
  const smooth = blurred(picture, 1).pixels;
  return mapped(picture, (value, _, at) => value + strength * (value - smooth[at]!));
}

/** Fills a square of a side about a middle, as far as it lies inside. */
export function cutOut(picture: Picture, side: number, [middleY, middleX]: Place, fill: PerChannel): Picture {
  const { height, width } = picture;
  const pixels = picture.pixels.slice();
  const top = middleY - Math.floor(side / 2), left = middleX - Math.floor(side / 2);
  for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + side); x++) {
      pixels.set(fill, (y * width + x) * CHANNELS);
    }
  }
  return { ...picture, pixels };
}

/** Sets pixels to the brightness that `choose` returns; undefined keeps the pixel. */
export function speckled(picture: Picture, choose: () => number | undefined): Picture {
  const pixels = picture.pixels.slice();
  for (let at = 0; at < pixels.length; at += CHANNELS) {
    const level = choose();
    if (level !== undefined) pixels.fill(level, at, at + CHANNELS);
  }
  return { ...picture, pixels };
}
