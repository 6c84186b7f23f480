/**
 * Hashes of what a picture shows: 64 bits that stay almost the same when it is compressed, resized or brightened
 * (pHash: Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", section 3.2.1).
 *
 * A bit says whether a low frequency of the picture's brightness is above the median of all. The frequencies are those of
 * the discrete cosine transform with 0 to 8 half waves along each axis, the 64 lowest but for the mean.
 *
 * @module
 */
import { LUMA } from "../picture.ts";

/** Height and width of the pictures that are hashed. */
export const SIDE = 32;
/** Frequencies along an axis: 0 to 8 half waves. */
const WAVES = 9;
/** Bits of a hash. */
const BITS = 64;

/** Frequencies (down, across) of the bits, by the sum of both: the lowest first. */
const frequencies: readonly (readonly [down: number, across: number])[] = Array.from(
  { length: WAVES * WAVES },
  (_, at) => [Math.floor(at / WAVES), at % WAVES] as const,
).filter(([down, across]) => down + across > 0).toSorted(([a, b], [c, d]) => a + b - c - d || a - c).slice(0, BITS);

/** cos(pi (2 x + 1) k / 2 n) by frequency k and place x. */
const cosines: readonly Float64Array[] = Array.from(
  { length: WAVES },
  (_, wave) => Float64Array.from({ length: SIDE }, (_, at) => Math.cos(Math.PI * (2 * at + 1) * wave / (2 * SIDE))),
);

/** A hash in two halves of 32 bits. */
export type Hash = readonly [low: number, high: number];

/** The hash of a picture, and of its mirror image. */
export interface Hashes {
  readonly upright: Hash;
  readonly mirrored: Hash;
}

/** Computes the hashes of a picture, uint8 [32, 32, 3]. */
export function hashesOf(pixels: Uint8Array): Hashes {
  const strengths = lowFrequencies(brightness(pixels));
  // Mirroring changes the sign of the frequencies with an odd number of half waves across.
  const mirrored = strengths.map((strength, bit) => frequencies[bit]![1] % 2 === 1 ? -strength : strength);
  return { upright: bitsOf(strengths), mirrored: bitsOf(mirrored) };
}

function brightness(pixels: Uint8Array): Float64Array {
  const [red, green, blue] = LUMA;
  const grey = new Float64Array(SIDE * SIDE);
  for (let at = 0, from = 0; at < grey.length; at++, from += 3) {
    grey[at] = red * pixels[from]! + green * pixels[from + 1]! + blue * pixels[from + 2]!;
  }
  return grey;
}

/** The strengths of {@linkcode frequencies}. */
function lowFrequencies(grey: Float64Array): Float64Array {
  const across = new Float64Array(SIDE * WAVES);
  for (let y = 0; y < SIDE; y++) {
    for (let wave = 0; wave < WAVES; wave++) {
      const cosine = cosines[wave]!;
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += grey[y * SIDE + x]! * cosine[x]!;
      across[y * WAVES + wave] = sum;
    }
  }
  const strengths = new Float64Array(BITS);
  for (let bit = 0; bit < BITS; bit++) {
    const [down, wave] = frequencies[bit]!, cosine = cosines[down]!;
    for (let y = 0; y < SIDE; y++) strengths[bit]! += across[y * WAVES + wave]! * cosine[y]!;
  }
  return strengths;
}

function bitsOf(strengths: Float64Array): Hash {
  const sorted = strengths.toSorted();
  const median = (sorted[BITS / 2 - 1]! + sorted[BITS / 2]!) / 2;
  const half = (begin: number) => {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) if (strengths[begin + bit]! > median) bits |= 1 << bit;
    return bits >>> 0;
  };
  return [half(0), half(32)];
}

/** Counts the bits in which two hashes differ. */
export const hashDistance = (a: Hash, b: Hash): number => bitCount(a[0] ^ b[0]) + bitCount(a[1] ^ b[1]);

/** Counts the ones of 32 bits, in pairs, fours and bytes (Warren, "Hacker's Delight", section 5-1). */
export function bitCount(bits: number): number {
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
