/**
 * Lists of augmentation steps as a configuration writes them. `flip,pad-crop:4` is two steps; a number after a colon is a
 * step's amount.
 *
 * @module
 */
import { type Augmentation, type AugmentationName, augmentations } from "./augmentations.ts";
import { InputError } from "./files/input_error.ts";
import { shortened } from "./printable.ts";

/** A step of a list. */
export interface AugmentationStep {
  readonly name: AugmentationName;
  /** The step's amount; 0 for a step without one. */
  readonly amount: number;
}

/** Named lists. */
const namedLists: ReadonlyMap<string, string> = new Map([["standard", "flip,pad-crop:4"], ["none", ""]]);

/**
 * Reads a list of steps, such as `flip,pad-crop:4,cutout:16`. The name of a list stands for its steps: `standard,cutout:16`.
 *
 * @throws {InputError} if a step is wrong; the message names it and what is allowed
 */
export function parseAugmentations(text: string): AugmentationStep[] {
  const parts = text.split(",").flatMap((part) => (namedLists.get(part.trim()) ?? part).split(","));
  return parts.map((part) => part.trim()).filter((part) => part !== "").map(parseStep);
}

function parseStep(text: string): AugmentationStep {
  const [name = "", written, ...rest] = text.split(":");
  if (!Object.hasOwn(augmentations, name) || rest.length > 0) {
    throw new InputError(`"${shortened(text)}" is no augmentation; there are ${Object.keys(augmentations).join(", ")}`);
  }
  const { amount }: Augmentation = augmentations[name as AugmentationName];
  if (amount) return { name: name as AugmentationName, amount: parseAmount(name, written, amount) };
  if (written !== undefined) throw new InputError(`${name} takes no amount, so not "${shortened(written)}"`);
  return { name: name as AugmentationName, amount: 0 };
}

function parseAmount(
  name: string,
  written: string | undefined,
  { initial, least, most, whole }: NonNullable<Augmentation["amount"]>,
): number {
  if (written === undefined) return initial;
  const value = written.trim() === "" ? NaN : Number(written);
  if (value >= least && value <= most && !(whole && !Number.isInteger(value))) return value;
  throw new InputError(
    `${name}: "${shortened(written)}" is not a ${whole ? "whole " : ""}number from ${least} to ${most}`,
  );
}
