/**
 * Balanced sampling: an epoch has about the same number of images of every class. Images of small classes come several times,
 * and those of large classes take turns over the epochs.
 *
 * @module
 */
import { shuffled, stream } from "./random.ts";

/**
 * Returns the images of an epoch, as many as there are labels. A class draws from permutations of its images, one after the
 * other, so that all of its images are drawn equally often. An epoch depends on no other.
 *
 * @param labels the class of each image
 */
export function balancedOrder(labels: Uint8Array, seed: number, epoch: number): Uint32Array {
  const classes = [...Map.groupBy(labels.keys(), (image) => labels[image]!)].toSorted(([a], [b]) => a - b);
  const each = Math.floor(labels.length / classes.length), rest = labels.length % classes.length;
  const images = classes.flatMap(([label, members], at) => {
    const places = each + (at < rest ? 1 : 0), first = epoch * places;
    return Array.from({ length: places }, (_, place) => drawnAt(members, seed, label, first + place));
  });
  const order = shuffled(images.length, stream(seed, "permutation", epoch));
  return order.map((place) => images[place]!);
}

/** The image at a place of the endless sequence of a class. */
function drawnAt(members: readonly number[], seed: number, label: number, place: number): number {
  const pass = Math.floor(place / members.length);
  return members[permutationOf(members.length, seed, label, pass)[place % members.length]!]!;
}

/** The permutation of a pass through a class; the last one is kept. */
function permutationOf(count: number, seed: number, label: number, pass: number): Uint32Array {
  const key = `${seed} ${label} ${pass} ${count}`;
  if (latest?.key !== key) latest = { key, order: shuffled(count, stream(seed, "balance", pass, label)) };
  return latest.order;
}

let latest: { readonly key: string; readonly order: Uint32Array } | undefined;
