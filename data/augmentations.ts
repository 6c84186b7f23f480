/**
 * Augmentation of training images: steps, each a pure function of the picture and of seeded draws, in an order that the
 * configuration gives. `flip,pad-crop:4` is two steps; what is behind a colon is a step's amount.
 *
 * @module
 */
import { alternatingFlip, type Appearance } from "./alternating_flip.ts";
import type { PerChannel } from "./catalogue.ts";
import type { Dataset } from "./dataset.ts";
import { InputError } from "./files/input_error.ts";
import {
  blurred,
  brightened,
  contrasted,
  cutOut,
  enlarged,
  mirrored,
  moved,
  type Picture,
  rotated,
  saturated,
  sharpened,
  speckled,
  tinted,
  turned,
  upsideDown,
} from "./picture.ts";
import type { Fill } from "./policies/affine_operations.ts";
import { fromBytes, toBytes } from "./policies/byte_picture.ts";
import { autoAugment, GREATEST_LEVEL, randAugment, trivialAugment } from "./policies/policies.ts";
import { type PrincipalColours, principalColours } from "./principal_colours.ts";
import type { Stream } from "./random.ts";
import { movedOverReflection } from "./reflection.ts";
import { drawView, normalisationTable, type View, writeView } from "./view.ts";

/** What a step knows of the data set. */
export interface Colours {
  /** What lies outside a picture: the mean, which is 0 after normalisation. */
  readonly fill: PerChannel;
  /** Made when a step first asks for it. */
  readonly principal: () => PrincipalColours;
}

interface Augmentation {
  readonly description: string;
  readonly amount?: {
    readonly initial: number;
    readonly least: number;
    readonly most: number;
    readonly whole?: boolean;
  };
  /** Turns or mirrors the picture, so that a label that says a direction, or a letter, may no longer be true. */
  readonly turns?: "sideways" | "over" | "about";
  apply(picture: Picture, amount: number, random: Stream, colours: Colours, appearance: Appearance): Picture;
}

const probability = { initial: 0.5, least: 0, most: 1 };
/** Aspect ratios of crops (Szegedy et al. 2015). */
const ASPECT = 4 / 3;

/** The mean in bytes, for policies that work on bytes. */
const fillBytes = ({ fill }: Colours) => fill.map((value) => Math.round(255 * value)) as unknown as Fill;

const between = ({ uniform }: Stream, low: number, high: number) => low + (high - low) * uniform();

/** By the name of the step. */
export const augmentations = {
  "flip": {
    description: "mirrors left to right, with this probability",
    amount: probability,
    turns: "sideways",
    apply: (picture, amount, { uniform }) => uniform() < amount ? mirrored(picture) : picture,
  },
  "alternating-flip": {
    description: "mirrors left to right a drawn half of the images, in the next epoch the other half (Jordan 2024)",
    turns: "sideways",
    apply: (picture, _amount, _random, _colours, appearance) =>
      alternatingFlip(appearance) ? mirrored(picture) : picture,
  },
  "flip-vertical": {
    description: "mirrors top to bottom, with this probability",
    amount: probability,
    turns: "over",
    apply: (picture, amount, { uniform }) => uniform() < amount ? upsideDown(picture) : picture,
  },
  "rotate90": {
    description: "turns by 0, 1, 2 or 3 right angles (square images)",
    turns: "about",
    apply: (picture, _, { integer }) => turned(picture, integer(4)),
  },
  "rotate": {
    description: "turns by up to so many degrees either way, zero outside",
    amount: { initial: 15, least: 0, most: 180 },
    turns: "about",
    apply: (picture, amount, random, { fill }) =>
      rotated(picture, between(random, -amount, amount) * Math.PI / 180, fill),
  },
  "pad-crop": {
    description: "moves by up to so many pixels each way, zero outside",
    amount: { initial: 4, least: 0, most: 512, whole: true },
    apply(picture, amount, { integer }, { fill }) {
      const [down, right] = [integer(2 * amount + 1) - amount, integer(2 * amount + 1) - amount];
      return moved(picture, down, right, fill);
    },
  },
  "reflect-crop": {
    description: "moves by up to so many pixels each way, mirrored outside",
    amount: { initial: 4, least: 0, most: 512, whole: true },
    apply(picture, amount, { integer }) {
      const [down, right] = [integer(2 * amount + 1) - amount, integer(2 * amount + 1) - amount];
      return movedOverReflection(picture, down, right);
    },
  },
  "crop-resize": {
    description: "enlarges a part of at least this share of the area, of aspect 3/4 to 4/3 (Szegedy et al. 2015)",
    amount: { initial: 0.5, least: 0.01, most: 1 },
    apply: cropResize,
  },
  "color-jitter": {
    description: "brightness, contrast and saturation times 1 - x to 1 + x",
    amount: { initial: 0.2, least: 0, most: 1 },
    apply(picture, amount, random) {
      const factor = () => between(random, 1 - amount, 1 + amount);
      return saturated(contrasted(brightened(picture, factor()), factor()), factor());
    },
  },
  "pca-noise": {
    description: "adds x deviations along the principal colours of the training images (Krizhevsky et al. 2012)",
    amount: { initial: 0.1, least: 0, most: 10 },
    apply(picture, amount, { normal }, { principal }) {
      const { directions, deviations } = principal();
      const sizes = deviations.map((deviation) => amount * deviation * normal());
      const along = (channel: number) => sizes.reduce((sum, size, at) => sum + size * directions[at]![channel]!, 0);
      return tinted(picture, [along(0), along(1), along(2)]);
    },
  },
  "salt-pepper": {
    description: "this share of the pixels black or white",
    amount: { initial: 0.02, least: 0, most: 1 },
    apply: (picture, amount, { uniform }) =>
      speckled(picture, () => {
        const draw = uniform();
        return draw < amount ? (draw < amount / 2 ? 0 : 1) : undefined;
      }),
  },
  "blur": {
    description: "blurs by a Gaussian of a deviation of up to so many pixels",
    amount: { initial: 1, least: 0, most: 10 },
    apply: (picture, amount, random) => blurred(picture, between(random, 0, amount)),
  },
  "edges": {
    description: "emphasises edges: adds up to x times the difference from the blurred picture",
    amount: { initial: 1, least: 0, most: 10 },
    apply: (picture, amount, random) => sharpened(picture, between(random, 0, amount)),
  },
  "cutout": {
    description: "zero in a square of this side anywhere (DeVries & Taylor 2017)",
    amount: { initial: 8, least: 1, most: 512, whole: true },
    apply: (picture, amount, { integer }, { fill }) =>
      cutOut(picture, amount, [integer(picture.height), integer(picture.width)], fill),
  },
  "trivial-augment": {
    description: "one of 14 operations at a drawn strength (Müller & Hutter 2021)",
    turns: "about",
    apply: (picture, _, random, colours) => fromBytes(trivialAugment(toBytes(picture), random, fillBytes(colours))),
  },
  "rand-augment": {
    description: "one of 14 operations at this strength of 30; the paper lists it N times (Cubuk et al. 2020)",
    amount: { initial: 9, least: 0, most: GREATEST_LEVEL, whole: true },
    apply: (picture, amount, random, colours) =>
      fromBytes(randAugment(toBytes(picture), amount, random, fillBytes(colours))),
  },
  "auto-augment": {
    description: "one of 25 pairs of operations that were found on CIFAR-10 (Cubuk et al. 2019)",
    apply: (picture, _, random, colours) => fromBytes(autoAugment(toBytes(picture), random, fillBytes(colours))),
  },
} satisfies Record<string, Augmentation>;

export type AugmentationName = keyof typeof augmentations;

function cropResize(picture: Picture, leastArea: number, random: Stream): Picture {
  const area = between(random, leastArea, 1) * picture.height * picture.width;
  const aspect = Math.exp(between(random, -Math.log(ASPECT), Math.log(ASPECT)));
  const height = Math.min(picture.height, Math.sqrt(area / aspect));
  const width = Math.min(picture.width, Math.sqrt(area * aspect));
  const top = between(random, 0, picture.height - height), left = between(random, 0, picture.width - width);
  return enlarged(picture, { top, left, height, width });
}

/** A step of the list. */
export interface AugmentationStep {
  readonly name: AugmentationName;
  /** 0 where the step takes none. */
  readonly amount: number;
}

/** Lists that have a name. */
const namedLists: ReadonlyMap<string, string> = new Map([["standard", "flip,pad-crop:4"], ["none", ""]]);

/**
 * Reads a list of steps, such as `flip,pad-crop:4,cutout:16`; the name of a list stands for its steps: `standard,cutout:16`.
 *
 * @throws {InputError} saying which step is wrong and what is allowed
 */
export function parseAugmentations(text: string): AugmentationStep[] {
  const parts = text.split(",").flatMap((part) => (namedLists.get(part.trim()) ?? part).split(","));
  return parts.map((part) => part.trim()).filter((part) => part !== "").map((part) => {
    const [name = "", written, ...rest] = part.split(":");
    if (!Object.hasOwn(augmentations, name) || rest.length > 0) {
      throw new InputError(`"${part}" is no augmentation; there are ${Object.keys(augmentations).join(", ")}`);
    }
    const { amount }: Augmentation = augmentations[name as AugmentationName];
    if (!amount) {
      if (written !== undefined) throw new InputError(`${name} takes no amount, so not "${written}"`);
      return { name: name as AugmentationName, amount: 0 };
    }
    const { initial, least, most, whole } = amount;
    const value = written === undefined ? initial : written.trim() === "" ? NaN : Number(written);
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
      throw new InputError(`${name}: "${written}" is not a ${whole ? "whole " : ""}number from ${least} to ${most}`);
    }
    return { name: name as AugmentationName, amount: value };
  });
}

/** The showing of a picture of which nothing is known. */
const FIRST: Appearance = { seed: 0, image: 0, epoch: 0 };

/**
 * What a list of steps does to an image: a function that writes it, augmented and normalised, into `target`, float32
 * [height, width, 3]. Only `alternating-flip` asks which showing of the image it is.
 */
export function augmenter(
  steps: readonly AugmentationStep[],
  dataset: Omit<Dataset, "test">,
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
  const colours: Colours = { fill: mean, principal: () => principal ??= principalColours(dataset.train.images) };
  return (image, random, target, appearance = FIRST) => {
    const begin: Picture = { height, width, pixels: new Float32Array(image).map((byte) => byte / 255) };
    const { pixels } = steps.reduce(
      (picture, { name, amount }) => augmentations[name].apply(picture, amount, random, colours, appearance),
      begin,
    );
    for (let at = 0; at < pixels.length; at++) target[at] = (pixels[at]! - mean[at % 3]!) / std[at % 3]!;
  };
}

/** The view that a list gives which only mirrors and then moves, which can be done while the bytes are read. */
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

/** Greatest angle in degrees that leaves a digit, letter or direction what it is. */
const HARMLESS_DEGREES = 30;

/**
 * What of a list of steps may make labels untrue: a mirrored or turned digit, letter or direction is another one, or none.
 *
 * @returns a sentence for each step that does
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
