/**
 * Smaller pictures in the first epochs (Touvron, Vedaldi, Douze & Jégou 2019 train at a lower resolution; Howard 2018 raises
 * it while training). A convolution costs a share of its work that falls with the square of the side.
 *
 * @module
 */
import type { AugmentationStep } from "./augmentation_list.ts";
import type { Dataset, Split } from "./dataset.ts";
import { InputError } from "./files/input_error.ts";
import { type FilterName, resized } from "./resize.ts";

/** Epochs in a row whose pictures have a side, in pixels. */
export interface SizePeriod {
  readonly side: number;
  readonly epochs: number;
}

/** Periods one after the other; pictures have their own size after the last. */
export type SizePlan = readonly SizePeriod[];

/** The network halves its picture twice. */
const MULTIPLE = 4;
const LEAST_SIDE = 8;

/**
 * Reads a plan: `16:4,24:8` is 4 epochs of 16 pixels, then 8 of 24; `none` is no epoch of smaller pictures.
 *
 * @throws {InputError} saying what is wrong and what is allowed
 */
export function parseSizePlan(text: string): SizePlan {
  if (text.trim() === "none") return [];
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const [, side, epochs] = /^(\d+):(\d+)$/.exec(part)?.map(Number) ?? [];
    if (!side || !epochs || side < LEAST_SIDE || side % MULTIPLE !== 0) {
      throw new InputError(
        `"${part}" is no side and number of epochs, such as 16:4; a side is a multiple of ${MULTIPLE} from ${LEAST_SIDE}`,
      );
    }
    return { side, epochs };
  });
}

/**
 * The side of an epoch's pictures.
 *
 * @param whole side of the data set's pictures
 */
export function sideAt(plan: SizePlan, epoch: number, whole: number): number {
  let end = 0;
  return plan.find(({ epochs }) => epoch < (end += epochs))?.side ?? whole;
}

type Sized = Omit<Dataset, "test" | "validation">;

/** The data set with training pictures of another side. */
export function withSide<T extends Sized>(dataset: T, side: number, filter: FilterName = "area"): T {
  const { imageShape, train } = dataset;
  if (imageShape[0] === side && imageShape[1] === side) return dataset;
  const smaller: Split = { ...train, images: resized(train.images, imageShape, side, filter) };
  return { ...dataset, imageShape: [side, side, imageShape[2]], train: smaller };
}

/** Augmentations whose amounts are in pixels. */
const inPixels = new Set<string>(["pad-crop", "reflect-crop", "cutout"]);

/** Scales amounts in pixels from the data set's pictures to those of a side; an amount of 0 does nothing at any side. */
export const stepsAtSide = (steps: readonly AugmentationStep[], side: number, whole: number): AugmentationStep[] =>
  steps.map((step) => {
    if (!inPixels.has(step.name) || step.amount === 0) return step;
    return { ...step, amount: Math.max(1, Math.round(step.amount * side / whole)) };
  });
