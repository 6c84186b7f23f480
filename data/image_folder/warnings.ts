/**
 * Warnings of a data set that can be trained on and is likely a mistake.
 *
 * @module
 */
import type { DigestedFile } from "../hold_out.ts";

const SHOWN = 4;
const listed = (names: readonly string[]): string =>
  names.slice(0, SHOWN).join(", ") + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "");

/** Finds copies of pictures where they do harm, and classes whose names differ only in case. */
export function listingWarnings(
  labels: readonly string[],
  train: readonly DigestedFile[],
  test: readonly DigestedFile[],
  validation: readonly DigestedFile[] = [],
): string[] {
  const copies = [...Map.groupBy([...train, ...test, ...validation], ({ digest }) => digest).values()];
  const torn = copies.filter((files) => new Set(files.map(({ label }) => label)).size > 1);
  const twins = [...Map.groupBy(labels, (label) => label.toLowerCase()).values()].filter(({ length }) => length > 1);
  return [
    ...leakWarning("training", train, "test", test),
    ...leakWarning("validation", validation, "test", test),
    ...leakWarning("training", train, "validation", validation),
    ...torn.length === 0 ? [] : [
      `copies of a picture are in several classes (${torn.length}): ` +
      listed(torn.map((files) => files.map(({ path }) => path).join(" = "))),
    ],
    ...twins.map((names) => `the names of classes ${names.join(" and ")} differ only in case`),
  ];
}

/** Warns of pictures of a split whose copies are in a split that is measured. */
function leakWarning(
  name: string,
  seen: readonly DigestedFile[],
  measured: string,
  files: readonly DigestedFile[],
): string[] {
  const digests = new Set(seen.map(({ digest }) => digest));
  const leaked = files.filter(({ digest }) => digests.has(digest));
  return leaked.length === 0 ? [] : [
    `copies of ${name} pictures are in the ${measured} split (${leaked.length}), so the measured accuracy is too high: ` +
    listed(leaked.map(({ path }) => path)),
  ];
}

/** Finds classes with too few decoded pictures; `train` and `test` are the indices of their classes. */
export function classWarnings(labels: readonly string[], train: Uint8Array, test: Uint8Array): string[] {
  const withCount = (split: Uint8Array, count: number) => {
    const counts = new Uint32Array(labels.length);
    for (const label of split) counts[label]!++;
    return labels.filter((_, label) => counts[label] === count);
  };
  const [single, untested] = [withCount(train, 1), withCount(test, 0)];
  return [
    ...single.length === 0 ? [] : [`classes with one training picture cannot be learned well: ${listed(single)}`],
    ...untested.length === 0 ? [] : [`classes without test pictures do not count in the accuracy: ${listed(untested)}`],
  ];
}
