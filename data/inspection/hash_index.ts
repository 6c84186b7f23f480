/**
 * Finds the hashes near a hash among many, without comparing it with each of them.
 *
 * Hashes are listed by each of their four parts of 16 bits. Two hashes that differ in at most 11 bits differ in at most 2
 * bits of some part, so a search looks at the 137 values within 2 bits of each part (multi-index hashing: Norouzi, Punjani &
 * Fleet 2012, "Fast search in Hamming space with multi-index hashing").
 *
 * @module
 */
import { type Hash, hashDistance } from "./perceptual_hash.ts";

const PARTS = 4;
const PART_BITS = 16;
const VALUES = 1 << PART_BITS;
/** Bits in which parts may differ. */
const PART_DISTANCE = 2;
/** Greatest distance for which every hash is found. */
export const GREATEST_DISTANCE = PARTS * (PART_DISTANCE + 1) - 1;

/** The differences of a part that are looked at. */
const differences: readonly number[] = (() => {
  const single = Array.from({ length: PART_BITS }, (_, bit) => 1 << bit);
  return [0, ...single, ...single.flatMap((a) => single.filter((b) => b < a).map((b) => a | b))];
})();

const partOf = (hash: Hash, part: number): number => (hash[part >> 1]! >>> (PART_BITS * (part & 1))) & (VALUES - 1);

/** The hashes with each value of a part: their numbers, from `begins[value]` up to `begins[value + 1]`. */
interface PartIndex {
  readonly begins: Uint32Array;
  readonly numbers: Uint32Array;
}

export class HashIndex {
  readonly #parts: readonly PartIndex[];
  /** The last search that looked at a hash. */
  readonly #seen: Uint32Array;
  #search = 0;

  constructor(readonly hashes: readonly Hash[]) {
    this.#parts = Array.from({ length: PARTS }, (_, part) => sortedByPart(hashes, part));
    this.#seen = new Uint32Array(hashes.length);
  }

  /**
   * Yields the numbers of the hashes within a distance, in no order.
   *
   * @param distance at most {@linkcode GREATEST_DISTANCE}
   * @param below only numbers below this one
   */
  *near(hash: Hash, distance: number, below = this.hashes.length): Generator<number> {
    this.#search++;
    for (const [part, { begins, numbers }] of this.#parts.entries()) {
      const own = partOf(hash, part);
      for (const difference of differences) {
        const value = own ^ difference;
        for (let at = begins[value]!; at < begins[value + 1]!; at++) {
          const number = numbers[at]!;
          // The numbers of a value rise.
          if (number >= below) break;
          if (this.#seen[number] === this.#search) continue;
          this.#seen[number] = this.#search;
          if (hashDistance(hash, this.hashes[number]!) <= distance) yield number;
        }
      }
    }
  }
}

function sortedByPart(hashes: readonly Hash[], part: number): PartIndex {
  const begins = new Uint32Array(VALUES + 1), numbers = new Uint32Array(hashes.length);
  for (const hash of hashes) begins[partOf(hash, part) + 1]!++;
  for (let value = 0; value < VALUES; value++) begins[value + 1]! += begins[value]!;
  const next = begins.slice();
  hashes.forEach((hash, number) => numbers[next[partOf(hash, part)]!++] = number);
  return { begins, numbers };
}
