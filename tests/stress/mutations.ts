/** Bytes changed as broken disks, broken connections and people change them; each change depends on its draws alone. */

/** Draws of [0, 1). */
export type Draws = () => number;

export const below = (next: Draws, bound: number): number => Math.floor(next() * bound);

/** Numbers that sizes and offsets are often wrong by. */
const extremes = [0, 1, 0x7f, 0x80, 0xff];

export const mutations: Readonly<Record<string, (bytes: Uint8Array, other: Uint8Array, next: Draws) => Uint8Array>> = {
  truncated: (bytes, _, next) => bytes.slice(0, below(next, bytes.length)),
  "with bits flipped": (bytes, _, next) => {
    const changed = bytes.slice();
    for (let flips = 1 + below(next, 4); flips > 0; flips--) {
      changed[below(next, changed.length)]! ^= 1 << below(next, 8);
    }
    return changed;
  },
  "with bytes set": (bytes, _, next) => {
    const changed = bytes.slice();
    const begin = below(next, changed.length);
    return changed.fill(extremes[below(next, extremes.length)]!, begin, begin + 1 + below(next, 8));
  },
  "with bytes inserted": (bytes, _, next) => {
    const at = below(next, bytes.length + 1);
    return joined(
      bytes.subarray(0, at),
      new Uint8Array(1 + below(next, 64)).map(() => below(next, 256)),
      bytes.subarray(at),
    );
  },
  "with bytes removed": (bytes, _, next) => {
    const at = below(next, bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + below(next, 64)));
  },
  "with a part twice": (bytes, _, next) => {
    const begin = below(next, bytes.length), end = begin + below(next, bytes.length - begin);
    return joined(bytes.subarray(0, end), bytes.subarray(begin));
  },
  crossed: (bytes, other, next) => {
    const at = below(next, Math.min(bytes.length, other.length));
    return joined(bytes.subarray(0, at), other.subarray(at));
  },
};

/** One of the samples, changed in one of the ways above. */
export function mutated(samples: readonly Uint8Array[], next: Draws): Uint8Array {
  const ways = Object.values(mutations);
  const [bytes, other] = [samples[below(next, samples.length)]!, samples[below(next, samples.length)]!];
  return ways[below(next, ways.length)]!(bytes, other, next);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
