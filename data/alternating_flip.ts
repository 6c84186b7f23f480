/**
 * Flips that alternate: a drawn half of the pictures is mirrored in the first epoch, the other half in the second, and so on.
 * Two epochs show every picture both ways, which a coin in each epoch does for half of them (Jordan 2024, "94% on CIFAR-10
 * in 3.29 seconds on a single GPU", section 3.6).
 *
 * @module
 */
import { stream } from "./random.ts";

/** One showing of a training picture. */
export interface Appearance {
  readonly seed: number;
  /** Its number in the training split. */
  readonly image: number;
  readonly epoch: number;
}

/** Tells if the picture is mirrored. */
export const alternatingFlip = ({ seed, image, epoch }: Appearance): boolean =>
  (stream(seed, "flip", image).integer(2) + epoch) % 2 === 1;
