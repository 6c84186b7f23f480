/**
 * Decodes image files to square pictures of one size.
 *
 * @module
 */
import type { Sharp } from "sharp";
import type { Split } from "./dataset.ts";
import { pictureSize } from "./picture_file.ts";
import { inWords } from "./undecodable.ts";

/** Ways to make an image square: cut out its middle, stretch the whole, or pad the whole with black. */
export const fits = ["crop", "stretch", "pad"] as const;
export type Fit = typeof fits[number];

const sharpFit = { crop: "cover", stretch: "fill", pad: "contain" } as const;

/** Images that are decoded at once. */
const AT_ONCE = 32;
/** Greatest number of pixels, more than any camera's; a small file can claim any number. */
const MOST_PIXELS = 2 ** 27;
/** Larger images are decoded, and larger files are read, one by one, because each may take gigabytes. */
const LARGE_PIXELS = 2 ** 24, LARGE_BYTES = 2 ** 25;

export interface ImageFile {
  readonly path: string;
  /** Index of its class. */
  readonly label: number;
}

/** Height and width in pixels. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
}

export interface DecodeOptions {
  /** Bytes by path of files that are not on the disk. */
  readonly fetched?: ReadonlyMap<string, Uint8Array>;
  /** Height and width of the result. */
  readonly size: number;
  readonly fit: Fit;
  readonly signal?: AbortSignal;
  readonly onProgress?: (images: number) => void;
  /** Receives every file that is decoded, in the order of the result, and the size of its picture, upright. */
  readonly onDecoded?: (file: ImageFile, size: PictureSize) => void;
  /** Receives every file that cannot be decoded, and the reason in words. */
  readonly onUnreadable: (path: string, why: string) => void;
}

/**
 * Decodes images to sRGB of 8 bits a channel, turned by their EXIF orientation, on a white ground. An image of the right
 * size keeps its pixels.
 */
export async function decodeImages(files: readonly ImageFile[], options: DecodeOptions): Promise<Split> {
  const { fetched, size, fit, signal, onProgress, onDecoded, onUnreadable } = options;
  const inTurn = oneByOne();
  const length = size * size * 3;
  const images = new Uint8Array(files.length * length), labels = new Uint8Array(files.length);
  let count = 0;
  const decode = async (bytes: Uint8Array) => {
    const { image, width, height, autoOrient } = await openImage(bytes);
    const pixels = async () => (await pixelsOf(squared(image, size, fit))).pixels;
    const isLarge = width * height > LARGE_PIXELS && bytes.length <= LARGE_BYTES;
    return { pixels: await (isLarge ? inTurn(pixels) : pixels()), size: autoOrient };
  };
  const decodeFile = async (path: string) => {
    const bytes = fetched?.get(path);
    if (bytes) return await decode(bytes);
    const read = async () => await decode(await Deno.readFile(path));
    return await pictureSize(path) > LARGE_BYTES ? await inTurn(read) : await read();
  };
  for (let begin = 0; begin < files.length; begin += AT_ONCE) {
    signal?.throwIfAborted();
    const group = files.slice(begin, begin + AT_ONCE);
    const decoded = await Promise.all(
      group.map(({ path }) =>
        decodeFile(path).catch((error) => error instanceof Error ? error : new Error(String(error)))
      ),
    );
    decoded.forEach((picture, at) => {
      const file = group[at]!;
      if (picture instanceof Error) return onUnreadable(file.path, inWords(picture));
      images.set(picture.pixels, count * length);
      labels[count++] = file.label;
      onDecoded?.(file, picture.size);
    });
    onProgress?.(begin + group.length);
  }
  return { count, images: images.subarray(0, count * length), labels: labels.subarray(0, count) };
}

/** Returns a function that runs jobs one after the other, in order. */
function oneByOne(): <T>(job: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = before.then(job);
    before = result.catch(() => {});
    return result;
  };
}

/** A decoded picture of any size. */
export interface WholePicture {
  /** uint8 [height, width, 3] */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes an image to the pixels that {@linkcode decodeImages} makes square.
 *
 * @throws {Error} if the bytes are no image
 */
export async function decodeWhole(bytes: Uint8Array): Promise<WholePicture> {
  const { image } = await openImage(bytes);
  return await pixelsOf(image);
}

/** Opens an image, turned by its EXIF orientation, on a white ground. */
async function openImage(bytes: Uint8Array) {
  const { default: sharp } = await import("sharp");
  const image = sharp(bytes, { limitInputPixels: MOST_PIXELS });
  const { width, height, space, hasProfile, autoOrient } = await image.metadata();
  // sharp leaves a picture of 16 bits with a colour profile in P3, unless the profile of the result is given.
  if (space === "rgb16" && hasProfile) image.withIccProfile("srgb");
  image.autoOrient().flatten({ background: "white" }).toColourspace("srgb");
  return { image, width, height, autoOrient };
}

const squared = (image: Sharp, size: number, fit: Fit): Sharp =>
  image.resize(size, size, { fit: sharpFit[fit], background: "black" });

async function pixelsOf(image: Sharp): Promise<WholePicture> {
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`it has ${info.channels} channels`);
  return { pixels: data, width: info.width, height: info.height };
}
