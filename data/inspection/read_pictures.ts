/**
 * Reads the pictures that an inspection looks at: the files of a folder, or the pictures of a decoded data set.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Dataset } from "../dataset.ts";
import { decodeImages, type DecodeOptions } from "../decode_images.ts";
import type { DigestedFile } from "../hold_out.ts";
import { dividedAgain, type ImageFolder } from "../image_folder/mod.ts";
import type { LeftOut } from "../image_folder/left_out.ts";
import { resized } from "../resize.ts";
import { SIDE } from "./perceptual_hash.ts";
import type { InspectedPicture } from "./picture.ts";

export interface ReadPictures {
  readonly pictures: readonly InspectedPicture[];
  /** Pictures that cannot be decoded. */
  readonly damaged: readonly LeftOut[];
}

/**
 * Decodes the pictures of a folder.
 *
 * @param folder the path that the listing is of
 * @param share share of each class for the test split, as the folder was listed with
 */
export async function picturesOfFolder(
  folder: string,
  listing: ImageFolder,
  share: number,
  options: Pick<DecodeOptions, "signal" | "onProgress">,
): Promise<ReadPictures> {
  const listed = [...listing.train, ...listing.validation, ...listing.test];
  const damaged = new Set<string>(), sizes = new Map<string, Pick<InspectedPicture, "height" | "width">>();
  const { images } = await decodeImages(listed, {
    ...options,
    ...{ size: SIDE, fit: "stretch" },
    onDecoded: ({ path }, size) => sizes.set(path, size),
    onUnreadable: (path) => damaged.add(path),
  });
  const places = new Map([...sizes.keys()].map((path, at) => [path, at]));
  const splits = { ...listing, ...dividedAgain(listing, damaged, share) };
  const of = (split: InspectedPicture["split"], files: readonly DigestedFile[]): InspectedPicture[] =>
    files.filter(({ path }) => !damaged.has(path)).map(({ path, label, digest }, index) => ({
      ...{ file: path.slice(folder.length + 1), index, split, label, digest, ...sizes.get(path)! },
      pixels: pixelsAt(images, places.get(path)!),
    }));
  return {
    pictures: [...of("train", splits.train), ...of("validation", splits.validation), ...of("test", splits.test)],
    damaged: [...damaged].map((path): LeftOut => ({ path, reason: "damaged" })),
  };
}

/** The pictures of a decoded data set. */
export function picturesOfDataset({ imageShape, ...dataset }: Dataset): InspectedPicture[] {
  const [height, width] = imageShape;
  return (["train", "validation", "test"] as const).flatMap((split) => {
    const { images, labels } = dataset[split] ?? { images: new Uint8Array(), labels: [] };
    const small = height === SIDE && width === SIDE ? images : resized(images, imageShape, SIDE);
    return Array.from(labels, (label, index) => {
      const pixels = pixelsAt(small, index);
      const digest = createHash("sha256").update(pixels).digest("hex");
      return { file: undefined, index, split, label, digest, height, width, pixels };
    });
  });
}

const pixelsAt = (images: Uint8Array, at: number): Uint8Array => {
  const length = SIDE * SIDE * 3;
  return images.subarray(at * length, (at + 1) * length);
};
