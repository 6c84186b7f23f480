/**
 * Random numbers by place: a draw depends on the seed, its purpose and its position, and on no earlier draw. So a resumed
 * run is the same run.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 * @module
 */

/** The purposes of draws; each purpose has draws of its own. */
const purposes = {
  initialisation: 1,
  permutation: 2,
  augmentation: 3,
  shake: 4,
  shapes: 5,
  mixing: 6,
  flip: 7,
  inspection: 8,
  balance: 9,
} as const;
export type Purpose = keyof typeof purposes;

/** A sequence of draws. */
export interface Stream {
  /** 0 to 2^32 - 1. */
  uint32(): number;
  /** [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** 0 to `bound - 1`, each equally likely; `bound` is at most 2^32. */
  integer(bound: number): number;
  /** Normal with mean 0 and deviation 1 (Box & Muller 1958). */
  normal(): number;
}

export type Words = [number, number, number, number];

const TWO_32 = 2 ** 32;
/** Number of positions, and of indices within each. */
export const STREAM_POSITIONS = TWO_32;

/**
 * Returns the draws at one place.
 *
 * @param seed 0 to 2^53 - 1
 * @param position an epoch, a step or a sample, 0 to 2^32 - 1
 * @param index within the position, 0 to 2^32 - 1
 */
export function stream(seed: number, purpose: Purpose, position = 0, index = 0): Stream {
  const key: [number, number] = [seed >>> 0, Math.floor(seed / TWO_32)];
  let block = 0, used = 4;
  let words: Words = [0, 0, 0, 0];
  const uint32 = () => {
    if (used === 4) {
      words = philox([block++, index, position, purposes[purpose]], key);
      used = 0;
    }
    return words[used++]!;
  };
  const uniform = () => uint32() / TWO_32;
  const integer = (bound: number) => {
    // A draw above the largest multiple of the bound is repeated, so that all results are equally likely.
    const limit = TWO_32 - TWO_32 % bound;
    for (;;) {
      const draw = uint32();
      if (draw < limit) return draw % bound;
    }
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uint32, uniform, integer, normal };
}

/** Returns the order of the samples in an epoch. */
export const permutation = (seed: number, epoch: number, count: number): Uint32Array =>
  shuffled(count, stream(seed, "permutation", epoch));

/** Draws a permutation of 0 to `count - 1` (Fisher & Yates). */
export function shuffled(count: number, { integer }: Stream): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  for (let last = count - 1; last > 0; last--) {
    const chosen = integer(last + 1);
    const moved = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = moved;
  }
  return order;
}

/** Applies ten rounds of Philox to a counter of four words, with a key of two. */
export function philox([c0, c1, c2, c3]: Words, [k0, k1]: readonly [number, number]): Words {
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(0xd2511f53, c0), low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = highWord(0xcd9e8d57, c2), low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Returns the upper 32 bits of a product of two words, from products of halves, of which no sum exceeds 32 bits. */
function highWord(a: number, b: number): number {
  const aHigh = a >>> 16, aLow = a & 0xffff, bHigh = b >>> 16, bLow = b & 0xffff;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const rest = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (rest >>> 16)) >>> 0;
}
