/**
 * Inspects a data set before it is trained on: counts, sizes, copies, blank pictures, and what is likely a mistake.
 *
 * @module
 */
import { groupedByReason } from "../image_folder/left_out.ts";
import type { SplitName } from "../image_folder/split_names.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { isBlank } from "./likeness.ts";
import type { InspectedPicture } from "./picture.ts";
import type { Inspected, Observation, SplitCounts } from "./observation.ts";
import { sizesOf } from "./sizes.ts";
import { twinsOf, type TwinsOptions } from "./twins.ts";

export interface Inspection<Picture extends InspectedPicture = InspectedPicture> extends Observation<Picture> {
  /** Likely mistakes, the gravest first. */
  readonly findings: readonly Finding[];
}

/** Inspects pictures; the longest part, the search for copies, reports its progress. */
export function inspect<Picture extends InspectedPicture>(
  inspected: Inspected<Picture>,
  options: TwinsOptions = {},
): Inspection<Picture> {
  const { labels, pictures, leftOut } = inspected;
  const files = pictures.filter(({ file }) => file !== undefined);
  const seen = {
    ...inspected,
    splits: countsOf(pictures, labels.length),
    sizes: files.length > 0 ? sizesOf(files) : undefined,
    leftOutGroups: groupedByReason(leftOut),
    twins: twinsOf(pictures, options),
    blank: pictures.filter(({ pixels }) => isBlank(pixels)),
  };
  return { ...seen, findings: findingsOf(seen) };
}

const splitNames = ["train", "validation", "test"] as const satisfies readonly SplitName[];

/** Counts the pictures of each class in each split. */
function countsOf(pictures: readonly InspectedPicture[], classes: number): SplitCounts[] {
  return splitNames.flatMap((split) => {
    const own = pictures.filter((picture) => picture.split === split);
    if (own.length === 0) return [];
    const counts = Array.from({ length: classes }, () => 0);
    for (const { label } of own) counts[label]!++;
    return [{ split, pictures: own.length, classes: counts }];
  });
}
