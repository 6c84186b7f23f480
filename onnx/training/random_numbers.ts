/**
 * Random numbers without state: each list is a function of a seed and of what it is for.
 *
 * @module
 */

/** Returns a generator of numbers in [0, 1). */
export function generator(...key: readonly (string | number)[]): () => number {
  const text = key.join("\0");
  let [a, b, c, counter] = [1, 2, 3, 4].map((salt) => fnv1a(text, salt)) as [number, number, number, number];
  // sfc32, the small fast counting generator of Chris Doty-Humphrey.
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first numbers still show the seed.
  for (let at = 0; at < 12; at++) next();
  return next;
}

/** The hash of Fowler, Noll and Vo, of 32 bits. */
function fnv1a(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Draws numbers of [0, 1); float32 rounds none of them to 1. */
export const uniformNumbers = (count: number, random: () => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count }, () => Math.floor(random() * 2 ** 24) / 2 ** 24);

/** Draws numbers of mean 0 and standard deviation 1, by the method of Box and Muller. */
export const normalNumbers = (count: number, random: () => number): Float32Array<ArrayBuffer> =>
  Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );

/** Shuffles the numbers from 0 to `count - 1`, by the method of Fisher and Yates. */
export function permutation(count: number, random: () => number): Int32Array<ArrayBuffer> {
  const order = Int32Array.from({ length: count }, (_, at) => at);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
