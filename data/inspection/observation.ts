/**
 * A data set to inspect, and what is seen on it.
 *
 * @module
 */
import type { LeftOut, LeftOutGroup } from "../image_folder/left_out.ts";
import type { SplitName } from "../image_folder/split_names.ts";
import type { InspectedPicture } from "./picture.ts";
import type { Sizes } from "./sizes.ts";
import type { Twins } from "./twins.ts";

/** The pictures of a split in each class. */
export interface SplitCounts {
  readonly split: SplitName;
  readonly pictures: number;
  /** By class. */
  readonly classes: readonly number[];
}

/** A data set to inspect. */
export interface Inspected<Picture extends InspectedPicture = InspectedPicture> {
  /** Names of the classes. */
  readonly labels: readonly string[];
  readonly pictures: readonly Picture[];
  /** Files that are not in the data set; records have none. */
  readonly leftOut: readonly LeftOut[];
  /** The test split is drawn from the training pictures. */
  readonly isHeldOut: boolean;
}

/** Everything that is seen on a data set. */
export interface Observation<Picture extends InspectedPicture = InspectedPicture> extends Inspected<Picture> {
  /** The splits that have pictures. */
  readonly splits: readonly SplitCounts[];
  /** Undefined if the pictures are records, which all have one size. */
  readonly sizes: Sizes | undefined;
  readonly leftOutGroups: readonly LeftOutGroup[];
  readonly twins: readonly Twins<Picture>[];
  readonly blank: readonly Picture[];
}
