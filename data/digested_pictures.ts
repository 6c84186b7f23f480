/**
 * Pictures by their digests, which choose among them: a picture's own bytes decide, so that it stays where it is when pictures
 * are added, removed or reordered.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Dataset, Split } from "./dataset.ts";

/** Bytes of a picture. */
export const pictureBytes = ([height, width, channels]: Dataset["imageShape"]): number => height * width * channels;

/** The first 52 bits of each picture's SHA-256, as a number in [0, 1). */
export function digestsOf({ imageShape, train }: Pick<Dataset, "imageShape" | "train">): Float64Array {
  const size = pictureBytes(imageShape);
  return Float64Array.from(
    { length: train.count },
    (_, at) => digestOf(train.images.subarray(at * size, (at + 1) * size)),
  );
}

const digestOf = (bytes: Uint8Array): number =>
  Number(createHash("sha256").update(bytes).digest().readBigUInt64BE() >> 12n) / 2 ** 52;

/** The chosen pictures of a split, in their order. */
export function chosenOf(
  { count, images, labels }: Split,
  imageShape: Dataset["imageShape"],
  isChosen: (at: number) => boolean,
): Split {
  const size = pictureBytes(imageShape);
  const members = Array.from({ length: count }, (_, at) => at).filter(isChosen);
  const bytes = new Uint8Array(members.length * size);
  members.forEach((at, to) => bytes.set(images.subarray(at * size, (at + 1) * size), to * size));
  return { count: members.length, images: bytes, labels: Uint8Array.from(members, (at) => labels[at]!) };
}
