/**
 * Shearing, moving and turning with the nearest pixel, as torchvision's `affine` and `rotate` do it through Pillow.
 *
 * @module
 */
import { type BytePicture, CHANNELS } from "./byte_picture.ts";

/** The place (a x + b y + c, d x + e y + f) in the source of the pixel (x, y). */
type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The colour of the outside, a byte a channel. */
export type Fill = readonly [number, number, number];

/** Parts of a pixel that Pillow tells apart: it adds coordinates as 16.16 fixed-point numbers. */
const PARTS = 1 << 16;

const fixed = (value: number) => Math.floor(value * PARTS + 0.5);

function transformed({ height, width, bytes }: BytePicture, [a, b, c, d, e, f]: Affine, fill: Fill): BytePicture {
  const result = new Uint8Array(bytes.length);
  const steps = { a: fixed(a), b: fixed(b), d: fixed(d), e: fixed(e) };
  const [firstX, firstY] = [fixed(c + a * 0.5 + b * 0.5), fixed(f + d * 0.5 + e * 0.5)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += CHANNELS) {
      const column = Math.floor((firstX + y * steps.b + x * steps.a) / PARTS);
      const row = Math.floor((firstY + y * steps.e + x * steps.d) / PARTS);
      const inside = column >= 0 && column < width && row >= 0 && row < height;
      const from = (row * width + column) * CHANNELS;
      for (let channel = 0; channel < CHANNELS; channel++) {
        result[at + channel] = inside ? bytes[from + channel]! : fill[channel]!;
      }
    }
  }
  return { height, width, bytes: result };
}

/** Every row moved to the left by `factor` times its number. */
export const shearedX = (picture: BytePicture, factor: number, fill: Fill): BytePicture =>
  transformed(picture, [1, factor, 0, 0, 1, 0], fill);

/** Every column moved up by `factor` times its number. */
export const shearedY = (picture: BytePicture, factor: number, fill: Fill): BytePicture =>
  transformed(picture, [1, 0, 0, factor, 1, 0], fill);

/** Moved to the right by whole pixels; a fraction is dropped. */
export const movedX = (picture: BytePicture, pixels: number, fill: Fill): BytePicture =>
  transformed(picture, [1, 0, -Math.trunc(pixels), 0, 1, 0], fill);

/** Moved down by whole pixels; a fraction is dropped. */
export const movedY = (picture: BytePicture, pixels: number, fill: Fill): BytePicture =>
  transformed(picture, [1, 0, 0, 0, 1, -Math.trunc(pixels)], fill);

/** Turned to the left about its middle by an angle in degrees. */
export function turnedBy(picture: BytePicture, degrees: number, fill: Fill): BytePicture {
  const angle = -degrees * Math.PI / 180;
  const cosine = Math.cos(angle), sine = Math.sin(angle);
  const [x, y] = [picture.width / 2, picture.height / 2];
  const affine: Affine = [cosine, sine, x - cosine * x - sine * y, -sine, cosine, y + sine * x - cosine * y];
  return transformed(picture, affine, fill);
}
