/**
 * Groups of pictures that are copies of each other: the same file, or the same picture compressed, resized, brightened or
 * mirrored. Blank pictures are copies only if their files are the same.
 *
 * @module
 */
import { HashIndex } from "./hash_index.ts";
import { colourCorrelation, detailCorrelation, isBlank, mirrorImage } from "./likeness.ts";
import { type Hash, hashesOf } from "./perceptual_hash.ts";
import type { InspectedPicture } from "./picture.ts";
import { detailsOfCopies } from "./usual_details.ts";

/** Bits in which the hashes of copies may differ. JPEG of quality 50 changes at most 6, half the size at most 12. */
const HASH_DISTANCE = 10;
/**
 * Least correlation of the colours of copies. On 2,000 CIFAR-10 pictures, JPEG of quality 50 keeps 0.93, grey copies 0.71,
 * and the pairs of other pictures whose hashes are near reach 0.47.
 */
const COLOURS = 0.7;

/** Ways in which pictures are copies, the strictest first. */
export const kinds = ["identical", "alike", "mirrored"] as const;
export type TwinKind = typeof kinds[number];

export interface Twins<Picture extends InspectedPicture = InspectedPicture> {
  /** The least strict way in which the pictures are copies. */
  readonly kind: TwinKind;
  /** Two or more, in their order. */
  readonly pictures: readonly Picture[];
}

export interface TwinsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (pictures: number) => void;
}

/** Finds all groups, in the order of their first pictures. */
export function twinsOf<Picture extends InspectedPicture>(
  pictures: readonly Picture[],
  { signal, onProgress }: TwinsOptions = {},
): Twins<Picture>[] {
  const groups = new Groups(pictures.length);
  joinIdentical(pictures, groups);
  const shown = [...pictures.keys()].filter((at) => !isBlank(pictures[at]!.pixels));
  const upright: Hash[] = [], mirrored: Hash[] = [];
  for (const [done, at] of shown.entries()) {
    if (done % PROGRESS_STEP === 0) signal?.throwIfAborted();
    const hashes = hashesOf(pictures[at]!.pixels);
    upright.push(hashes.upright);
    mirrored.push(hashes.mirrored);
  }
  const index = new HashIndex(upright), least = detailsOfCopies(pictures);
  for (const [number, at] of shown.entries()) {
    if (number % PROGRESS_STEP === 0) {
      signal?.throwIfAborted();
      onProgress?.(number);
    }
    const { pixels, label } = pictures[at]!;
    const joinNear = (pixels: Uint8Array, hash: Hash, kind: TwinKind) => {
      for (const near of index.near(hash, HASH_DISTANCE, number)) {
        const at2 = shown[near]!, other = pictures[at2]!;
        if (groups.areJoined(at, at2) || colourCorrelation(pixels, other.pixels) < COLOURS) continue;
        const details = Math.max(least(label), least(other.label));
        if (detailCorrelation(pixels, other.pixels) >= details) groups.join(at, at2, kind);
      }
    };
    joinNear(pixels, upright[number]!, "alike");
    joinNear(mirrorImage(pixels), mirrored[number]!, "mirrored");
  }
  onProgress?.(shown.length);
  return groups.listed().map(({ kind, members }) => ({ kind, pictures: members.map((at) => pictures[at]!) }));
}

/** Pictures between two reports of the progress. */
const PROGRESS_STEP = 256;

function joinIdentical(pictures: readonly InspectedPicture[], groups: Groups): void {
  const first = new Map<string, number>();
  for (const [at, { digest }] of pictures.entries()) {
    const same = first.get(digest);
    if (same === undefined) first.set(digest, at);
    else groups.join(at, same, "identical");
  }
}

/** Numbers joined into groups; every group is a tree whose root is its least number (disjoint sets, Tarjan 1975). */
class Groups {
  readonly #parent: Uint32Array;
  /** The least strict kind of each root's group. */
  readonly #kinds: Uint8Array;

  constructor(count: number) {
    this.#parent = Uint32Array.from({ length: count }, (_, at) => at);
    this.#kinds = new Uint8Array(count);
  }

  areJoined(a: number, b: number): boolean {
    return this.#rootOf(a) === this.#rootOf(b);
  }

  join(a: number, b: number, kind: TwinKind): void {
    const [root, other] = [this.#rootOf(a), this.#rootOf(b)].toSorted((a, b) => a - b) as [number, number];
    this.#parent[other] = root;
    this.#kinds[root] = Math.max(this.#kinds[root]!, this.#kinds[other]!, kinds.indexOf(kind));
  }

  /** The groups of two or more. */
  listed(): { kind: TwinKind; members: number[] }[] {
    const byRoot = Map.groupBy(this.#parent.keys(), (at) => this.#rootOf(at));
    return [...byRoot].filter(([, { length }]) => length > 1)
      .map(([root, members]) => ({ kind: kinds[this.#kinds[root]!]!, members }));
  }

  #rootOf(at: number): number {
    let root = at;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    while (at !== root) {
      const next = this.#parent[at]!;
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }
}
