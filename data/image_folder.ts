/**
 * A folder of one's own images as a data set. Every class is a folder of images, at any depth:
 *
 *     train/<class>/*.jpg  and  test/<class>/*.jpg     the splits as they are; val, valid and validation are names of test too
 *     train/<class>/*.jpg  or   <class>/*.jpg          a share of each class is held out for the test split
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Sharp } from "sharp";
import type { Split } from "./dataset.ts";
import { InputError } from "./files/input_error.ts";
import { permutation } from "./random.ts";

/** How an image of any size becomes a square: its middle cut out, or the whole of it stretched, or with black around it. */
export const fits = ["crop", "stretch", "pad"] as const;
export type Fit = typeof fits[number];

const sharpFit = { crop: "cover", stretch: "fill", pad: "contain" } as const;

const IMAGE_FILE = /\.(png|jpe?g|webp|avif|gif|tiff?)$/i;
const TEST_FOLDERS = ["test", "val", "valid", "validation"];
/** Labels are kept as bytes. */
const MOST_CLASSES = 256;
/** Images that are decoded at the same time. */
const AT_ONCE = 32;
/** More than the largest cameras give; a small file can claim any number. */
const MOST_PIXELS = 2 ** 27;
/** Larger images are decoded one at a time, as each may take gigabytes. */
const LARGE_PIXELS = 2 ** 24;
const HOLD_OUT_SEED = 1;

export interface ImageFile {
  readonly path: string;
  /** Index of its class. */
  readonly label: number;
}

export interface ImageFolder {
  /** Names of the classes, sorted. */
  readonly labels: readonly string[];
  readonly train: readonly ImageFile[];
  readonly test: readonly ImageFile[];
  /** SHA-256 of the files' paths, sizes and times of change. */
  readonly digest: string;
}

/**
 * Lists the images of a folder.
 *
 * @param holdOut share of each class that is held out where the folder has no test split, 0 to 1
 * @throws {InputError} if there is no such folder, or it holds no images in the way above
 */
export async function listImageFolder(folder: string, holdOut: number): Promise<ImageFolder> {
  const names = await foldersIn(folder);
  const trainFolder = names.includes("train") ? `${folder}/train` : folder;
  const testName = trainFolder === folder ? undefined : TEST_FOLDERS.find((name) => names.includes(name));
  const labels = await foldersIn(trainFolder);
  if (labels.length < 2) throw new InputError(`${trainFolder} has ${labels.length} folders of classes, not 2 or more`);
  if (labels.length > MOST_CLASSES) {
    throw new InputError(`${trainFolder} has ${labels.length} folders of classes; ${MOST_CLASSES} are possible`);
  }
  const hash = createHash("sha256");
  const all = await imagesOf(trainFolder, labels, hash);
  const none = labels.findIndex((_, label) => all[label]!.length === 0);
  if (none !== -1) {
    throw new InputError(`${trainFolder}/${labels[none]} has no images (png, jpg, webp, avif, gif or tiff)`);
  }
  if (testName === undefined) {
    const splits = heldOut(all, holdOut);
    if (splits.test.length === 0) {
      throw new InputError(`${trainFolder} has one image a class, so none can be held out for a test split`);
    }
    return { labels, ...splits, digest: hash.digest("hex") };
  }
  const testFolder = `${folder}/${testName}`;
  const tested = await foldersIn(testFolder);
  const stray = tested.find((name) => !labels.includes(name));
  if (stray) throw new InputError(`${testFolder}/${stray} is of no class; ${trainFolder} has no folder of that name`);
  const test = (await imagesOf(testFolder, labels, hash, tested)).flat();
  if (test.length === 0) throw new InputError(`${testFolder} has no images`);
  return { labels, train: all.flat(), test, digest: hash.digest("hex") };
}

/** Every class but a share of it, and that share: at least one image of a class that has two. */
function heldOut(classes: readonly (readonly ImageFile[])[], share: number): Pick<ImageFolder, "train" | "test"> {
  const train: ImageFile[] = [], test: ImageFile[] = [];
  classes.forEach((files, label) => {
    const held = Math.min(files.length - 1, Math.max(1, Math.round(files.length * share)));
    const order = [...permutation(HOLD_OUT_SEED, label, files.length)];
    const chosen = new Set(order.slice(0, held));
    files.forEach((file, at) => (chosen.has(at) ? test : train).push(file));
  });
  return { train, test };
}

/** The images of each class, in the order of their paths; `present` are the classes that have a folder. */
async function imagesOf(
  folder: string,
  labels: readonly string[],
  hash: { update(text: string): unknown },
  present = labels,
): Promise<ImageFile[][]> {
  const classes: ImageFile[][] = [];
  for (const [label, name] of labels.entries()) {
    const paths = present.includes(name) ? await imagesBelow(`${folder}/${name}`) : [];
    for (const path of paths) {
      const { size, mtime } = await Deno.stat(path);
      hash.update(`${path}\0${size}\0${mtime?.getTime()}\n`);
    }
    classes.push(paths.map((path) => ({ path, label })));
  }
  return classes;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).toSorted();
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await entriesOf(folder);
  const below = entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesBelow(path) : [path];
  });
  return (await Promise.all(below)).flat();
}

/** What is in a folder, but for hidden things; links are what they lead to. */
async function entriesOf(folder: string): Promise<{ name: string; isDirectory: boolean }[]> {
  const entries: { name: string; isDirectory: boolean }[] = [];
  try {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
      if (name.startsWith(".")) continue;
      const linked = isSymlink && (await Deno.stat(`${folder}/${name}`).catch(() => undefined))?.isDirectory;
      entries.push({ name, isDirectory: isDirectory || linked === true });
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new InputError(`${folder} does not exist`);
    if (error instanceof Deno.errors.NotADirectory) throw new InputError(`${folder} is not a folder`);
    throw error;
  }
  return entries;
}

/** Paths of the images at any depth below a folder, sorted. */
export async function imagesBelow(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((path) => IMAGE_FILE.test(path)).toSorted();
}

export interface DecodeOptions {
  /** Gives the bytes of a file; default: from the disk. */
  readonly read?: (path: string) => Promise<Uint8Array>;
  /** Height and width of the result. */
  readonly size: number;
  readonly fit: Fit;
  readonly signal?: AbortSignal;
  readonly onProgress?: (images: number) => void;
  /** Called for a file that is no image. */
  readonly onUnreadable: (path: string, why: string) => void;
}

/**
 * Decodes images: turned as their EXIF orientation says, in sRGB without transparency (white shows through), 8 bits a
 * channel. An image that has the size already keeps its pixels as they are.
 */
export async function decodeImages(files: readonly ImageFile[], options: DecodeOptions): Promise<Split> {
  const { default: sharp } = await import("sharp");
  const { read = Deno.readFile, size, fit, signal, onProgress, onUnreadable } = options;
  const inTurn = oneByOne();
  const length = size * size * 3;
  const images = new Uint8Array(files.length * length), labels = new Uint8Array(files.length);
  let count = 0;
  for (let begin = 0; begin < files.length; begin += AT_ONCE) {
    signal?.throwIfAborted();
    const group = files.slice(begin, begin + AT_ONCE);
    const decoded = await Promise.all(group.map(async ({ path }) => {
      try {
        const image = sharp(await read(path), { limitInputPixels: MOST_PIXELS });
        const { width, height } = await image.metadata();
        const decode = () => pixelsOf(image, size, fit);
        return await (width * height > LARGE_PIXELS ? inTurn(decode) : decode());
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    }));
    decoded.forEach((pixels, at) => {
      const { path, label } = group[at]!;
      if (pixels instanceof Error) return onUnreadable(path, pixels.message.trim().split("\n")[0]!);
      images.set(pixels, count * length);
      labels[count++] = label;
    });
    onProgress?.(begin + group.length);
  }
  return { count, images: images.subarray(0, count * length), labels: labels.subarray(0, count) };
}

/** Runs one job after the other, in the order in which they come. */
function oneByOne(): <T>(job: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = before.then(job);
    before = result.catch(() => {});
    return result;
  };
}

/** The pixels of an image, uint8 [size, size, 3]. */
async function pixelsOf(image: Sharp, size: number, fit: Fit): Promise<Uint8Array> {
  const { data, info } = await image.autoOrient().flatten({ background: "white" }).toColourspace("srgb")
    .resize(size, size, { fit: sharpFit[fit], background: "black" })
    .raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`it has ${info.channels} channels`);
  return data;
}
