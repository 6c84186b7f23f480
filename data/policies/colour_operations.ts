/**
 * Colour operations as Pillow's ImageEnhance and ImageOps compute them, byte for byte.
 *
 * @module
 */
import { type BytePicture, CHANNELS } from "./byte_picture.ts";

type PerByte = (byte: number) => number;

/** Maps the bytes of each channel by a table of 256. */
function lookedUp(picture: BytePicture, tableOf: (channel: number) => ArrayLike<number>): BytePicture {
  const { bytes } = picture, result = new Uint8Array(bytes.length);
  for (let channel = 0; channel < CHANNELS; channel++) {
    const table = tableOf(channel);
    for (let at = channel; at < bytes.length; at += CHANNELS) result[at] = table[bytes[at]!]!;
  }
  return { ...picture, bytes: result };
}

function mappedBytes(picture: BytePicture, map: PerByte): BytePicture {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => map(byte));
  return lookedUp(picture, () => table);
}

/** Negates every byte. */
export const inverted = (picture: BytePicture): BytePicture => mappedBytes(picture, (byte) => 255 - byte);

/** Keeps the upper `bits` (1 to 8) of every byte. */
export const posterized = (picture: BytePicture, bits: number): BytePicture =>
  mappedBytes(picture, (byte) => byte & ~(2 ** (8 - bits) - 1));

/** Negates the bytes that are not below the threshold. */
export const solarized = (picture: BytePicture, threshold: number): BytePicture =>
  mappedBytes(picture, (byte) => byte < threshold ? byte : 255 - byte);

function histogram({ bytes }: BytePicture, channel: number): number[] {
  const counts = new Array<number>(256).fill(0);
  for (let at = channel; at < bytes.length; at += CHANNELS) counts[bytes[at]!]!++;
  return counts;
}

const unchanged = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Stretches each channel so that its darkest byte becomes 0 and its lightest 255. */
export const autoContrasted = (picture: BytePicture): BytePicture =>
  lookedUp(picture, (channel) => {
    const counts = histogram(picture, channel);
    const low = counts.findIndex((count) => count > 0), high = counts.findLastIndex((count) => count > 0);
    if (high <= low) return unchanged;
    const scale = 255 / (high - low), offset = -low * scale;
    return unchanged.map((byte) => Math.min(255, Math.max(0, Math.trunc(byte * scale + offset))));
  });

/** Gives each channel an even histogram. */
export const equalized = (picture: BytePicture): BytePicture =>
  lookedUp(picture, (channel) => {
    const counts = histogram(picture, channel);
    const lightest = counts.findLast((count) => count > 0) ?? 0;
    const step = Math.floor((counts.reduce((sum, count) => sum + count, 0) - lightest) / 255);
    if (step === 0) return unchanged;
    let below = Math.floor(step / 2);
    return counts.map((count) => {
      const byte = Math.min(255, Math.floor(below / step));
      below += count;
      return byte;
    });
  });

/** `from + factor (picture - from)`, in float32 as Pillow's Image.blend. */
function blended(from: Uint8Array, picture: BytePicture, factor: number): BytePicture {
  const float = Math.fround(factor), { bytes } = picture, result = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const value = Math.fround(from[at]! + Math.fround(float * (bytes[at]! - from[at]!)));
    result[at] = Math.min(255, Math.max(0, value));
  }
  return { ...picture, bytes: result };
}

/** Brightness of every pixel, by Pillow's integers for ITU-R BT.601. */
function greys({ bytes }: BytePicture): Uint8Array {
  const result = new Uint8Array(bytes.length / CHANNELS);
  for (let pixel = 0, at = 0; pixel < result.length; pixel++, at += CHANNELS) {
    result[pixel] = (bytes[at]! * 19595 + bytes[at + 1]! * 38470 + bytes[at + 2]! * 7471 + 0x8000) >> 16;
  }
  return result;
}

/** Black at a factor of 0, the picture at 1. */
export const withBrightness = (picture: BytePicture, factor: number): BytePicture =>
  blended(new Uint8Array(picture.bytes.length), picture, factor);

/** Without colour at a factor of 0, the picture at 1. */
export function withColour(picture: BytePicture, factor: number): BytePicture {
  const grey = greys(picture);
  return blended(picture.bytes.map((_, at) => grey[Math.floor(at / CHANNELS)]!), picture, factor);
}

/** Changes the contrast: a factor of 0 leaves the mean brightness everywhere, 1 the picture. */
export function withContrast(picture: BytePicture, factor: number): BytePicture {
  const grey = greys(picture);
  const mean = Math.floor(grey.reduce((sum, byte) => sum + byte, 0) / grey.length + 0.5);
  return blended(new Uint8Array(picture.bytes.length).fill(mean), picture, factor);
}

/** Smoothed at a factor of 0, the picture at 1, sharpened above. */
export const withSharpness = (picture: BytePicture, factor: number): BytePicture =>
  blended(smoothed(picture).bytes, picture, factor);

/** A weighted mean of 3 x 3 pixels, the middle one five times; the border stays. */
function smoothed({ height, width, bytes }: BytePicture): BytePicture {
  const result = bytes.slice(), row = width * CHANNELS;
  for (let y = 1; y < height - 1; y++) {
    for (let at = y * row + CHANNELS; at < (y + 1) * row - CHANNELS; at++) {
      let sum = 4 * bytes[at]!;
      for (let middle = at - row; middle <= at + row; middle += row) {
        sum += bytes[middle - CHANNELS]! + bytes[middle]! + bytes[middle + CHANNELS]!;
      }
      result[at] = Math.floor(sum / 13 + 0.5);
    }
  }
  return { height, width, bytes: result };
}
