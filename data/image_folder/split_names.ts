/**
 * Names of the folders that hold a split. Case, and spaces, hyphens and underscores, make no difference; a name may end in
 * `set`, `split`, `data` or `images`: `Train`, `training_set` and `TRAIN-IMAGES` are one split.
 *
 * @module
 */

/** Splits of a folder of pictures, with every name that their folders may have. */
const names = {
  train: ["train", "training", "trn"],
  validation: ["val", "valid", "validation", "validate", "dev", "eval", "evaluation"],
  test: ["test", "tests", "testing", "tst"],
} as const;

export type SplitName = keyof typeof names;

const ENDING = /(set|split|data|images)$/;

/** Returns the split that a folder of this name holds, or undefined. */
export function splitOf(name: string): SplitName | undefined {
  const plain = name.toLowerCase().replaceAll(/[\s_-]/g, "");
  const stem = plain.replace(ENDING, "");
  const splits = Object.keys(names) as SplitName[];
  return splits.find((split) => (names[split] as readonly string[]).includes(stem));
}
