/**
 * A validation split, held out of the training split. A picture's own bytes decide its side, so that it stays where it is when
 * pictures are added, removed or reordered, and copies of a picture are never on both sides.
 *
 * @module
 */
import type { Dataset, Split } from "./dataset.ts";
import { chosenOf, digestsOf } from "./digested_pictures.ts";
import { InputError } from "./files/input_error.ts";
import { shortened } from "./printable.ts";

/** How much is held out: a share of each class, or a number of pictures in all. */
export type HoldOut = { readonly share: number } | { readonly count: number };

/**
 * Reads a number: below 1 a share, otherwise a count.
 *
 * @throws {InputError} if it is neither
 */
export function parseHoldOut(text: string): HoldOut {
  const value = text.trim() === "" ? NaN : Number(text);
  if (value > 0 && value < 1) return { share: value };
  if (Number.isSafeInteger(value) && value >= 1) return { count: value };
  throw new InputError(`"${shortened(text)}" is no share between 0 and 1 and no number of pictures from 1`);
}

/** The pictures that validate: held out of the training split, those of the test split, or none. */
export type ValidationChoice = HoldOut | "test" | "none";

/** @throws {InputError} if a text names no choice */
export const parseValidation = (text: string): ValidationChoice =>
  text === "test" || text === "none" ? text : parseHoldOut(text);

export interface HeldOut {
  readonly train: Split;
  readonly validation: Split;
}

/**
 * Splits per class.
 *
 * - A share holds out the pictures whose digest, as a number in [0, 1), is below it: that share on average. A picture's side
 *   depends on no other picture, unless its class would have none on a side.
 * - A count takes the pictures of the lowest digests, from each class in proportion to its size. Copies of a picture stay
 *   together, in training where they do not fit; added pictures may push others out.
 *
 * A class with two different pictures or more has at least one on each side. Both splits keep their order.
 *
 * @throws {InputError} if a count is not below the number of pictures, or nothing can be held out
 */
export function heldOut({ imageShape, train }: Pick<Dataset, "imageShape" | "train">, holdOut: HoldOut): HeldOut {
  if ("count" in holdOut && holdOut.count >= train.count) {
    throw new InputError(`${holdOut.count} pictures cannot be held out of ${train.count}`);
  }
  const digests = digestsOf({ imageShape, train });
  const classes = Map.groupBy(digests.keys(), (at) => train.labels[at]!);
  const sizes = new Map([...classes].map(([label, members]) => [label, members.length]));
  const counts = "count" in holdOut ? inProportion(holdOut.count, sizes) : undefined;
  const held = new Set<number>();
  for (const [label, members] of classes) {
    const sorted = members.map((at) => digests[at]!).sort((a, b) => a - b);
    const wanted = "share" in holdOut ? sorted.filter((digest) => digest < holdOut.share).length : counts!.get(label)!;
    const bound = boundOf(sorted, wanted);
    for (const at of members) if (digests[at]! < bound) held.add(at);
  }
  if (held.size === 0) throw new InputError("no class has two different pictures, so none can be held out");
  return {
    train: chosenOf(train, imageShape, (at) => !held.has(at)),
    validation: chosenOf(train, imageShape, (at) => held.has(at)),
  };
}

/** The digest below which pictures of a class are held out: about so many, but neither none nor all. */
function boundOf(sorted: readonly number[], wanted: number): number {
  const [least, greatest] = [sorted[0]!, sorted.at(-1)!];
  if (least === greatest) return least;
  const bound = sorted[wanted] ?? Infinity;
  if (bound > greatest) return greatest;
  return bound === least ? sorted.find((digest) => digest > least)! : bound;
}

/** A count shared out by sizes: the whole parts, and the rest to the largest remainders. */
function inProportion(count: number, sizes: ReadonlyMap<number, number>): Map<number, number> {
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  const exact = [...sizes].map(([label, size]) => ({ label, share: count * size / total }));
  const shares = new Map(exact.map(({ label, share }) => [label, Math.floor(share)]));
  const rest = count - [...shares.values()].reduce((a, b) => a + b, 0);
  exact.toSorted((a, b) => b.share % 1 - a.share % 1 || a.label - b.label).slice(0, rest)
    .forEach(({ label }) => shares.set(label, shares.get(label)! + 1));
  return shares;
}
