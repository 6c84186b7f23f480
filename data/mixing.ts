/**
 * Batches whose pictures are mixed with each other, and their labels with them:
 *
 * - mixup (Zhang, Cisse, Dauphin & Lopez-Paz 2018, section 2): lambda x + (1 - lambda) x', lambda ~ Beta(a, a);
 * - CutMix (Yun, Han, Oh, Chun, Choe & Yoo 2019, section 3.1): a box of x' pasted over x, which leaves a share of
 *   lambda ~ Beta(a, a) of it; the paper uses it for half of the batches of CIFAR;
 * - RICAP (Takahashi, Matsubara & Uehara 2018, section 3): parts of four pictures around a point that is drawn from
 *   Beta(a, a) in each direction.
 *
 * As in the authors' programs a batch has one draw of amounts, and its partners are permutations of it.
 *
 * @module
 */
import { betaDraw } from "./beta_draw.ts";
import { shuffled, type Stream } from "./random.ts";

/** A layer of mixed pictures, painted over the layers before it. */
export interface Layer {
  /** For each place of the batch the place of the picture that the layer shows; default: its own. */
  readonly partners?: Uint32Array;
  /** How much of what is below it covers, 0 to 1. */
  readonly opacity: number;
  /** Where it lies in the mixed picture; default: everywhere. */
  readonly window?: Window;
  /** The pixel of its picture that is at the window's top left; default: the same pixel. */
  readonly from?: readonly [top: number, left: number];
  /** The label's share of its picture. */
  readonly share: number;
}

export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The parts that the pictures of a batch are made of. */
export interface Mixed {
  readonly batch: number;
  readonly imageShape: readonly [height: number, width: number, channels: number];
}

interface Mixing {
  readonly description: string;
  /** The parameter of the beta distribution in the paper's runs of CIFAR. */
  readonly amount: number;
  /** @param random the draws at an index of the step */
  draw(amount: number, mixed: Mixed, random: (index: number) => Stream): Layer[];
}

const unmixed: Layer = { opacity: 1, share: 1 };

/** By name. */
export const mixings = {
  "mixup": { description: "two pictures blended, and their labels (Zhang et al. 2018)", amount: 1, draw: mixup },
  "cutmix": {
    description: "a box of one picture over another, in half of the batches (Yun et al. 2019)",
    amount: 1,
    draw: cutMix,
  },
  "ricap": { description: "parts of four pictures around a point (Takahashi et al. 2018)", amount: 0.3, draw: ricap },
} satisfies Record<string, Mixing>;

export type MixingName = keyof typeof mixings;
export const mixingNames = Object.keys(mixings) as MixingName[];

function mixup(amount: number, { batch }: Mixed, random: (index: number) => Stream): Layer[] {
  const share = betaDraw(amount, random(0));
  return [
    { ...unmixed, share },
    { partners: shuffled(batch, random(1)), opacity: 1 - share, share: 1 - share },
  ];
}

/** Share of the batches that CutMix mixes. */
const CUTMIX_PROBABILITY = 0.5;

function cutMix(
  amount: number,
  { batch, imageShape: [height, width] }: Mixed,
  random: (index: number) => Stream,
): Layer[] {
  const draws = random(0);
  if (draws.uniform() >= CUTMIX_PROBABILITY) return [unmixed];
  const side = Math.sqrt(1 - betaDraw(amount, draws));
  /** The part of a box about a drawn middle that is inside. */
  const within = (size: number) => {
    const half = Math.floor(Math.floor(size * side) / 2), middle = draws.integer(size);
    const begin = Math.max(0, middle - half);
    return [begin, Math.min(size, middle + half) - begin] as const;
  };
  const [left, boxWidth] = within(width), [top, boxHeight] = within(height);
  const share = boxHeight * boxWidth / (height * width);
  return [
    { ...unmixed, share: 1 - share },
    {
      partners: shuffled(batch, random(1)),
      opacity: 1,
      window: { top, left, height: boxHeight, width: boxWidth },
      share,
    },
  ];
}

function ricap(
  amount: number,
  { batch, imageShape: [height, width] }: Mixed,
  random: (index: number) => Stream,
): Layer[] {
  const draws = random(0);
  const column = Math.round(width * betaDraw(amount, draws)), row = Math.round(height * betaDraw(amount, draws));
  const windows = [[0, row], [row, height - row]].flatMap(([top, height]) =>
    [[0, column], [column, width - column]].map(([left, width]) => ({ top, left, height, width } as Window))
  );
  return windows.map((window, at) => ({
    partners: shuffled(batch, random(1 + at)),
    opacity: 1,
    window,
    from: [draws.integer(height - window.height + 1), draws.integer(width - window.width + 1)],
    share: window.height * window.width / (height * width),
  }));
}

/** Which pictures of a batch are mixed: as many as `count`, from the place `first` on. */
export interface Places {
  readonly first: number;
  readonly count: number;
}

/**
 * Mixes pictures.
 *
 * @param images all of the batch, [batch, height, width, channels]
 * @returns [count, height, width, channels]
 */
export function mixImages(
  layers: readonly Layer[],
  images: Float32Array,
  { imageShape }: Mixed,
  { first, count }: Places,
): Float32Array<ArrayBuffer> {
  const size = imageShape[0] * imageShape[1] * imageShape[2];
  const result = new Float32Array(count * size);
  for (let at = 0; at < count; at++) {
    const target = result.subarray(at * size, (at + 1) * size);
    for (const layer of layers) {
      const source = layer.partners?.[first + at] ?? first + at;
      paint(layer, images.subarray(source * size, (source + 1) * size), imageShape, target);
    }
  }
  return result;
}

function paint(
  { opacity, window, from }: Layer,
  source: Float32Array,
  [height, width, channels]: Mixed["imageShape"],
  target: Float32Array,
): void {
  const { top, left, height: rows, width: columns } = window ?? { top: 0, left: 0, height, width };
  const [fromTop, fromLeft] = from ?? [top, left];
  for (let row = 0; row < rows; row++) {
    let to = ((top + row) * width + left) * channels, at = ((fromTop + row) * width + fromLeft) * channels;
    for (let count = columns * channels; count > 0; count--, to++, at++) {
      target[to] = opacity === 1 ? source[at]! : (1 - opacity) * target[to]! + opacity * source[at]!;
    }
  }
}

/**
 * Mixes labels.
 *
 * @param labels all of the batch, [batch]
 * @returns the share of each class, [count, classes]; over the classes they sum to 1
 */
export function mixLabels(
  layers: readonly Layer[],
  labels: ArrayLike<number>,
  classes: number,
  { first, count }: Places,
): Float32Array<ArrayBuffer> {
  const targets = new Float32Array(count * classes);
  for (let at = 0; at < count; at++) {
    for (const { partners, share } of layers) {
      targets[at * classes + labels[partners?.[first + at] ?? first + at]!]! += share;
    }
  }
  return targets;
}
