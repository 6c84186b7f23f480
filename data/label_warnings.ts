/**
 * Warnings of augmentations that change the meaning of labels.
 *
 * @module
 */
import type { AugmentationStep } from "./augmentation_list.ts";
import { type Augmentation, augmentations } from "./augmentations.ts";

/** Greatest angle in degrees that keeps a digit, letter or direction recognisable. */
const HARMLESS_DEGREES = 30;

/**
 * Finds steps that may make labels untrue: a mirrored or turned digit, letter or direction becomes another one, or none.
 *
 * @returns a sentence for each such step
 */
export function labelWarnings(steps: readonly AugmentationStep[], labels: readonly string[]): string[] {
  const symbols = labels.filter((label) => /^.$/u.test(label) || /^(digit|letter)[ _-]?.$/iu.test(label));
  const ways = labels.filter((label) =>
    /\b(left|right|up|down|north|south|east|west)\b/i.test(label.replaceAll("_", " "))
  );
  const affected = [...symbols, ...ways];
  if (affected.length === 0) return [];
  return steps.flatMap(({ name, amount }) => {
    const { turns }: Augmentation = augmentations[name];
    if (!turns || (name === "rotate" && amount <= HARMLESS_DEGREES) || (name.startsWith("flip") && amount === 0)) {
      return [];
    }
    const shown = affected.slice(0, 3).map((label) => `"${label}"`).join(", ") + (affected.length > 3 ? ", ..." : "");
    return [`augmentation ${name} can change what the labels ${shown} mean`];
  });
}
