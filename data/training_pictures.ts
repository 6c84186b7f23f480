/**
 * A part of the training split, for runs on few pictures. The pictures' own bytes choose it as they choose a validation split,
 * from the other end of the digests, so that the two overlap only if together they are more than the split.
 *
 * @module
 */
import type { Dataset, Split } from "./dataset.ts";
import { chosenOf, digestsOf } from "./digested_pictures.ts";
import { InputError } from "./files/input_error.ts";
import { shortened } from "./printable.ts";
import { type HoldOut, parseHoldOut } from "./validation_split.ts";

/** The pictures that are trained on: all, a share of the training split, or a number. */
export type TrainingPictures = HoldOut | "all";

/** @throws {InputError} if a text names no choice */
export const parseTrainingPictures = (text: string): TrainingPictures => text === "all" ? text : parseHoldOut(text);

/**
 * Returns a part of the training split, in its order.
 *
 * - A share takes the pictures whose digest, as a number in [0, 1), is in the upper part of this size: that share of each class
 *   on average. A picture's side depends on no other picture.
 * - A count takes the pictures of the greatest digests, from each class in proportion to its size: picture k of the n of a class
 *   comes at (k - 1/2) / n (Sainte-Laguë's method). So a smaller count is a part of a larger one, which shares with
 *   remainders are not.
 *
 * @param held pictures of the training split that validate; none of them is in the part
 * @throws {InputError} if there are not so many pictures, or a class would have none
 */
export function trainingPart(
  dataset: Pick<Dataset, "imageShape" | "labels" | "train">,
  held: Split | undefined,
  pictures: HoldOut,
): Split {
  const { imageShape, labels, train } = dataset;
  const digests = digestsOf(dataset);
  const heldKeys = new Set(held && keysOf(held.labels, digestsOf({ imageShape, train: held })));
  const keys = keysOf(train.labels, digests);
  const isHeld = (at: number) => heldKeys.has(keys[at]!);
  const members = "share" in pictures
    ? upperPart(digests, isHeld, pictures)
    : firstPart(train, digests, isHeld, pictures);
  const part = chosenOf(train, imageShape, (at) => members.has(at));
  const present = new Set(part.labels);
  const empty = labels.findIndex((_, label) => !present.has(label));
  if (empty === -1) return part;
  throw new InputError(`of ${part.count} pictures, none is of the class ${shortened(labels[empty]!)}; name more`);
}

/** Copies of a picture have one key, unless they are of several classes. */
const keysOf = (labels: Uint8Array, digests: Float64Array): string[] =>
  Array.from(digests, (digest, at) => `${labels[at]} ${digest}`);

function upperPart(digests: Float64Array, isHeld: (at: number) => boolean, { share }: { readonly share: number }) {
  const upper = [...digests.keys()].filter((at) => digests[at]! >= 1 - share);
  const both = upper.filter(isHeld).length;
  if (both === 0) return new Set(upper);
  throw new InputError(`${both} of these pictures are held out for validation; name a smaller share`);
}

function firstPart(
  { labels }: Split,
  digests: Float64Array,
  isHeld: (at: number) => boolean,
  { count }: { readonly count: number },
): Set<number> {
  const places = [...Map.groupBy(digests.keys(), (at) => labels[at]!).values()].flatMap((members) =>
    members.sort((a, b) => digests[b]! - digests[a]!)
      .map((at, before) => ({ at, place: (before + 1 / 2) / members.length }))
  );
  const free = places.filter(({ at }) => !isHeld(at));
  if (free.length < count) {
    throw new InputError(
      `${count} pictures are more than the ${free.length} that can be trained on; name fewer, or all`,
    );
  }
  free.sort((a, b) => a.place - b.place || labels[a.at]! - labels[b.at]!);
  return new Set(free.slice(0, count).map(({ at }) => at));
}
