/**
 * Applies augmentation steps to training images.
 *
 * @module
 */
import { alternatingFlip, type Appearance } from "./alternating_flip.ts";
import type { AugmentationStep } from "./augmentation_list.ts";
import { type AugmentationName, augmentations, type Colours } from "./augmentations.ts";
import type { Dataset } from "./dataset.ts";
import type { Picture } from "./picture.ts";
import { type PrincipalColours, principalColours } from "./principal_colours.ts";
import type { Stream } from "./random.ts";
import { drawView, normalisationTable, type View, writeView } from "./view.ts";

/** The default appearance of a picture. */
const FIRST: Appearance = { seed: 0, image: 0, epoch: 0 };

/**
 * Returns a function that augments an image by a list of steps, normalises it and writes it to `target`, float32 [height,
 * width, 3]. Only `alternating-flip` depends on the appearance: the epoch in which the image is shown.
 */
export function augmenter(
  steps: readonly AugmentationStep[],
  dataset: Omit<Dataset, "test" | "validation">,
): (image: Uint8Array, random: Stream, target: Float32Array, appearance?: Appearance) => void {
  const { imageShape, mean, std } = dataset;
  const table = normalisationTable(mean, std);
  const viewOf = viewSteps(steps);
  if (viewOf) {
    return (image, random, target, appearance = FIRST) =>
      writeView(image, imageShape, viewOf(random, appearance), table, target);
  }
  const [height, width] = imageShape;
  let principal: PrincipalColours | undefined;
  const colours: Colours = {
    fill: mean,
    principal: () => principal ??= principalColours(dataset.train.images, height * width),
  };
  return (image, random, target, appearance = FIRST) => {
    const begin: Picture = { height, width, pixels: new Float32Array(image).map((byte) => byte / 255) };
    const { pixels } = steps.reduce(
      (picture, { name, amount }) => augmentations[name].apply(picture, amount, random, colours, appearance),
      begin,
    );
    for (let at = 0; at < pixels.length; at++) target[at] = (pixels[at]! - mean[at % 3]!) / std[at % 3]!;
  };
}

/** Returns the view of a list that only mirrors and then moves; one pass over the bytes does both. */
function viewSteps(steps: readonly AugmentationStep[]): ((random: Stream, appearance: Appearance) => View) | undefined {
  const named = (...names: AugmentationName[]) => steps.find(({ name }) => names.includes(name));
  const flip = named("flip", "alternating-flip"), crop = named("pad-crop", "reflect-crop");
  if (`${steps.map(({ name }) => name)}` !== `${[flip, crop].flatMap((step) => step?.name ?? [])}`) return undefined;
  const alternates = flip?.name === "alternating-flip", reflects = crop?.name === "reflect-crop";
  const drawn = { flip: alternates ? undefined : flip?.amount, padding: crop?.amount };
  return (random, appearance) => {
    const view = drawView(drawn, random);
    return {
      ...view,
      ...(alternates && { mirrored: alternatingFlip(appearance) }),
      ...(reflects && { border: "reflect" }),
    };
  };
}
