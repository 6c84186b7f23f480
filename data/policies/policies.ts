/**
 * Policies of automatic augmentation: which operations a picture goes through. Each is a pure function of the picture and
 * of its draws.
 *
 * @module
 */
import type { Stream } from "../random.ts";
import type { Fill } from "./affine_operations.ts";
import type { BytePicture } from "./byte_picture.ts";
import { cifarPolicy } from "./cifar_policy.ts";
import { applied, magnitudeOf, narrow, type OperationName, operations, wide } from "./operations.ts";

/** The choices of RandAugment and TrivialAugment: all operations but `invert`. */
const chosenFrom = (Object.keys(operations) as OperationName[]).filter((name) => name !== "invert");

/** The greatest level of RandAugment and TrivialAugment: a scale has 31. */
export const GREATEST_LEVEL = 30;

/** The side along which an operation moves a picture. */
const sideOf = ({ height, width }: BytePicture, name: OperationName) => name === "translateY" ? height : width;

/** One operation of 14, at one of 31 levels (Müller & Hutter 2021, "TrivialAugment", section 3). */
export function trivialAugment(picture: BytePicture, random: Stream, fill: Fill): BytePicture {
  const name = chosenFrom[random.integer(chosenFrom.length)]!;
  const level = random.integer(GREATEST_LEVEL + 1) / GREATEST_LEVEL;
  return applied(picture, { name, magnitude: magnitudeOf(wide, name, level, sideOf(picture, name)) }, random, fill);
}

/**
 * One operation of 14 at a level (Cubuk, Zoph, Shlens & Le 2020, "RandAugment", section 3). The paper applies N of them,
 * one after the other.
 *
 * @param level the paper's M, 0 to 30
 */
export function randAugment(picture: BytePicture, level: number, random: Stream, fill: Fill): BytePicture {
  const name = chosenFrom[random.integer(chosenFrom.length)]!;
  const magnitude = magnitudeOf(narrow, name, level / GREATEST_LEVEL, sideOf(picture, name));
  return applied(picture, { name, magnitude }, random, fill);
}

/** One of the 25 pairs of operations that AutoAugment found on CIFAR-10 (Cubuk et al. 2019, table 7). */
export function autoAugment(picture: BytePicture, random: Stream, fill: Fill): BytePicture {
  const pair = cifarPolicy[random.integer(cifarPolicy.length)]!;
  return pair.reduce((picture, { name, probability, level }) => {
    if (random.uniform() >= probability) return picture;
    const magnitude = magnitudeOf(narrow, name, level / 9, sideOf(picture, name));
    return applied(picture, { name, magnitude }, random, fill);
  }, picture);
}
