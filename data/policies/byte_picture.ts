/**
 * Pictures of bytes, which the published augmentation policies work on, and how they come from pictures of numbers.
 *
 * @module
 */
import type { Picture } from "../picture.ts";

/** Red, green and blue of 0 to 255, [height, width, 3]. */
export interface BytePicture {
  readonly height: number;
  readonly width: number;
  readonly bytes: Uint8Array;
}

export const CHANNELS = 3;

/** Rounds every number to the nearest byte. */
export function toBytes({ height, width, pixels }: Picture): BytePicture {
  const bytes = new Uint8Array(pixels.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.min(255, Math.max(0, Math.round(255 * pixels[at]!)));
  return { height, width, bytes };
}

export function fromBytes({ height, width, bytes }: BytePicture): Picture {
  const pixels = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) pixels[at] = bytes[at]! / 255;
  return { height, width, pixels };
}
