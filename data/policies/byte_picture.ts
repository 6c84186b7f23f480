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
export const toBytes = ({ height, width, pixels }: Picture): BytePicture => ({
  height,
  width,
  bytes: Uint8Array.from(pixels, (value) => Math.min(255, Math.max(0, Math.round(255 * value)))),
});

export const fromBytes = ({ height, width, bytes }: BytePicture): Picture => ({
  height,
  width,
  pixels: Float32Array.from(bytes, (byte) => byte / 255),
});
