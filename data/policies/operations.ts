/**
 * The operations that automatic augmentation chooses from (Cubuk, Zoph, Mane, Vasudevan & Le 2019, "AutoAugment", table 6),
 * each with what its magnitude means to torchvision.
 *
 * @module
 */
import type { Stream } from "../random.ts";
import { type Fill, movedX, movedY, shearedX, shearedY, turnedBy } from "./affine_operations.ts";
import type { BytePicture } from "./byte_picture.ts";
import {
  autoContrasted,
  equalized,
  inverted,
  posterized,
  solarized,
  withBrightness,
  withColour,
  withContrast,
  withSharpness,
} from "./colour_operations.ts";

interface Operation {
  /** True if a coin decides the sign of the magnitude. */
  readonly signed: boolean;
  apply(picture: BytePicture, magnitude: number, fill: Fill): BytePicture;
}

/** By the names of the paper. */
export const operations = {
  identity: { signed: false, apply: (picture) => picture },
  shearX: { signed: true, apply: shearedX },
  shearY: { signed: true, apply: shearedY },
  translateX: { signed: true, apply: movedX },
  translateY: { signed: true, apply: movedY },
  rotate: { signed: true, apply: turnedBy },
  brightness: { signed: true, apply: (picture, magnitude) => withBrightness(picture, 1 + magnitude) },
  color: { signed: true, apply: (picture, magnitude) => withColour(picture, 1 + magnitude) },
  contrast: { signed: true, apply: (picture, magnitude) => withContrast(picture, 1 + magnitude) },
  sharpness: { signed: true, apply: (picture, magnitude) => withSharpness(picture, 1 + magnitude) },
  posterize: { signed: false, apply: posterized },
  solarize: { signed: false, apply: solarized },
  autoContrast: { signed: false, apply: autoContrasted },
  equalize: { signed: false, apply: equalized },
  invert: { signed: false, apply: inverted },
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** An operation and how strong it is, but for its sign. */
export interface Choice {
  readonly name: OperationName;
  readonly magnitude: number;
}

/** Applies the operation; a signed one draws its sign. */
export function applied(
  picture: BytePicture,
  { name, magnitude }: Choice,
  { integer }: Stream,
  fill: Fill,
): BytePicture {
  const { signed, apply }: Operation = operations[name];
  return apply(picture, signed && integer(2) === 1 ? -magnitude : magnitude, fill);
}

/** Magnitude of each operation at a level, a share of the greatest: 0 to 1. */
export type Scale = Readonly<Partial<Record<OperationName, (level: number, side: number) => number>>>;

const upTo = (greatest: number) => (level: number) => greatest * level;
/** 8 bits down to `fewest`. */
const bitsDownTo = (fewest: number) => (level: number) => 8 - Math.round((8 - fewest) * level);
const threshold = (level: number) => 255 * (1 - level);
/** AutoAugment moves a picture of 331 pixels by up to 150. */
const moves = (level: number, side: number) => 150 / 331 * side * level;

/** The ranges of AutoAugment and RandAugment (torchvision: `AutoAugment`, `RandAugment`). */
export const narrow: Scale = {
  shearX: upTo(0.3),
  shearY: upTo(0.3),
  translateX: moves,
  translateY: moves,
  rotate: upTo(30),
  brightness: upTo(0.9),
  color: upTo(0.9),
  contrast: upTo(0.9),
  sharpness: upTo(0.9),
  posterize: bitsDownTo(4),
  solarize: threshold,
};

/** The wider ranges of TrivialAugment (Müller & Hutter 2021, table 1; torchvision: `TrivialAugmentWide`). */
export const wide: Scale = {
  shearX: upTo(0.99),
  shearY: upTo(0.99),
  translateX: upTo(32),
  translateY: upTo(32),
  rotate: upTo(135),
  brightness: upTo(0.99),
  color: upTo(0.99),
  contrast: upTo(0.99),
  sharpness: upTo(0.99),
  posterize: bitsDownTo(2),
  solarize: threshold,
};

/** The magnitude of an operation; 0 where it has none. */
export const magnitudeOf = (scale: Scale, name: OperationName, level: number, side: number): number =>
  scale[name]?.(level, side) ?? 0;
