/**
 * The steps that augment training images. Each is a pure function of the picture and of seeded draws.
 *
 * @module
 */
import { alternatingFlip, type Appearance } from "./alternating_flip.ts";
import type { PerChannel } from "./catalogue.ts";
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
import type { PrincipalColours } from "./principal_colours.ts";
import type { Stream } from "./random.ts";
import { movedOverReflection } from "./reflection.ts";

/** The colours of the data set that a step may use. */
export interface Colours {
  /** Colour of everything outside a picture: the mean, which is 0 after normalisation. */
  readonly fill: PerChannel;
  /** Principal colours, computed at the first call. */
  readonly principal: () => PrincipalColours;
}

/** A kind of step. */
export interface Augmentation {
  readonly description: string;
  /** Range of the step's amount, and its initial value; a step without it takes no amount. */
  readonly amount?: {
    readonly initial: number;
    readonly least: number;
    readonly most: number;
    readonly whole?: boolean;
  };
  /** The way in which the step mirrors or turns the picture, which may make a label of a direction or letter untrue. */
  readonly turns?: "sideways" | "over" | "about";
  apply(picture: Picture, amount: number, random: Stream, colours: Colours, appearance: Appearance): Picture;
}

const probability = { initial: 0.5, least: 0, most: 1 };
/** Aspect ratios of crops (Szegedy et al. 2015). */
const ASPECT = 4 / 3;

/** The mean in bytes, for policies that work on bytes. */
const fillBytes = ({ fill }: Colours) => fill.map((value) => Math.round(255 * value)) as unknown as Fill;

const between = ({ uniform }: Stream, low: number, high: number) => low + (high - low) * uniform();

/** The steps, by name. */
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
        if (draw >= amount) return undefined;
        return draw < amount / 2 ? 0 : 1;
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
