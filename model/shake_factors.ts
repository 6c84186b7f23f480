/**
 * Draws the factors of shake-shake regularization (Gastaldi 2017, section 2.2). They are inputs of the training step, so
 * every engine sees the same factors.
 *
 * @module
 */

export const forwardModes = ["even", "shake"] as const;
/** Backward modes of the paper's table 1. */
export const plainBackwardModes = ["even", "shake", "keep"] as const;
/** Backward modes of the paper's table 4, for two branches and a forward pass that shakes. */
export const relativeModes = ["m1", "m2", "m3", "m4", "m5"] as const;
export const levels = ["image", "batch"] as const;
/** Distributions of a shaken factor; see {@linkcode drawFactors}. */
export const samplings = ["normalized", "uniform"] as const;

export type Forward = typeof forwardModes[number];
export type RelativeMode = typeof relativeModes[number];
export type Backward = typeof plainBackwardModes[number] | RelativeMode;
export type Level = typeof levels[number];
export type Sampling = typeof samplings[number];

/**
 * The choice of factors. Even: 1/n. Shake: drawn. Keep: the forward factors. M1 to M5: drawn relative to the forward factor.
 * The level is one draw for every image or one for the batch.
 */
export interface ShakeMode {
  readonly forward: Forward;
  readonly backward: Backward;
  readonly level: Level;
}

/** The name of a mode, such as `shake-shake-image`, `even-even-batch` or `shake-m2-image`. */
export type ShakeModeName =
  | `${Forward}-${typeof plainBackwardModes[number]}-${Level}`
  | `shake-${RelativeMode}-${Level}`;

export const shakeModeNames: readonly ShakeModeName[] = [
  ...forwardModes.flatMap((forward) =>
    plainBackwardModes.flatMap((backward) => levels.map((level): ShakeModeName => `${forward}-${backward}-${level}`))
  ),
  ...relativeModes.flatMap((backward) => levels.map((level): ShakeModeName => `shake-${backward}-${level}`)),
];

export function parseShakeMode(name: ShakeModeName): ShakeMode {
  const [forward, backward, level] = name.split("-") as [Forward, Backward, Level];
  return { forward, backward, level };
}

/** Tells if the backward factors are drawn relative to the forward factors; the rules are for two branches. */
export const isRelative = (backward: Backward): backward is RelativeMode =>
  (relativeModes as readonly string[]).includes(backward);

export interface FactorShape {
  readonly blocks: number;
  readonly branches: number;
  readonly batch: number;
  /** Index of the first image in the step's whole batch, if these images are a part of it; default 0. */
  readonly first?: number;
}

/** Forward and backward factors, each [blocks, branches, batch]; the factors of a block's branches sum to 1. */
export interface Factors {
  readonly alpha: Float32Array;
  readonly beta: Float32Array;
}

/**
 * Draws the factors of one step.
 *
 * A draw of n branches has n numbers u_i, uniform in [0, 1).
 *
 * - `normalized` sampling, of the TensorFlow code (docs/network.md), takes u_i / sum of u;
 * - `uniform` sampling takes the n lengths into which n - 1 of the numbers cut the unit interval. For two branches they
 *   are u and 1 - u, as in the paper and its Lua code; for more they are uniform on the simplex.
 *
 * Every mode consumes the same draws in the same order, so modes differ only in the draws that they use.
 *
 * @param uniformFor returns the stream of uniform numbers for an image of the whole batch
 * @throws {RangeError} if a relative mode has a number of branches other than two
 */
export function drawFactors(
  { forward, backward, level }: ShakeMode,
  sampling: Sampling,
  { blocks, branches, batch, first = 0 }: FactorShape,
  uniformFor: (image: number) => () => number,
): Factors {
  if (isRelative(backward) && branches !== 2) {
    throw new RangeError(`backward mode ${backward} is for two branches, not ${branches}`);
  }
  const size = blocks * branches * batch;
  const alpha = new Float32Array(size), beta = new Float32Array(size);
  const even = new Array<number>(branches).fill(1 / branches);
  const factorsOf = sampling === "normalized" ? normalised : lengths;
  for (let image = 0; image < batch; image++) {
    const uniform = uniformFor(level === "batch" ? 0 : first + image);
    const draw = () => Array.from({ length: branches }, uniform);
    for (let block = 0; block < blocks; block++) {
      const forwardDraw = draw(), backwardDraw = draw();
      const ahead = forward === "shake" ? factorsOf(forwardDraw) : even;
      const back = isRelative(backward)
        ? relativeFactors(backward, ahead[0]!, backwardDraw[0]!)
        : { even, keep: ahead, shake: factorsOf(backwardDraw) }[backward];
      for (let branch = 0; branch < branches; branch++) {
        const at = (block * branches + branch) * batch + image;
        alpha[at] = ahead[branch]!;
        beta[at] = back[branch]!;
      }
    }
  }
  return { alpha, beta };
}

function normalised(draws: readonly number[]): number[] {
  const sum = draws.reduce((a, b) => a + b, 0);
  return draws.map((draw) => sum > 0 ? draw / sum : 1 / draws.length);
}

/** Returns the lengths of the parts into which all draws but the last cut [0, 1]. */
function lengths(draws: readonly number[]): number[] {
  const cuts = [0, ...draws.slice(0, -1).toSorted((a, b) => a - b), 1];
  return draws.map((_, at) => cuts[at + 1]! - cuts[at]!);
}

/** The range of beta, uniform in it, for alpha up to 1/2 (Gastaldi 2017, table 4); above 1/2 it is the mirror image. */
const intervals: Readonly<Record<RelativeMode, (alpha: number) => readonly [number, number]>> = {
  m1: (alpha) => [1 - alpha, 1 - alpha],
  m2: (alpha) => [0, alpha],
  m3: (alpha) => [alpha, 0.5],
  m4: (alpha) => [0.5, 1 - alpha],
  m5: (alpha) => [1 - alpha, 1],
};

/** Returns the backward factors of two branches; alpha is the forward factor of the first. */
function relativeFactors(mode: RelativeMode, alpha: number, uniform: number): [number, number] {
  const [low, high] = intervals[mode](Math.min(alpha, 1 - alpha));
  const beta = low + (high - low) * uniform;
  return alpha <= 0.5 ? [beta, 1 - beta] : [1 - beta, beta];
}
