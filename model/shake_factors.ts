/**
 * The draws of shake-shake regularization (Gastaldi 2017, section 2.2), outside the network: they are inputs of the
 * training step, so every engine sees the same ones.
 *
 * @module
 */

export const forwardModes = ["even", "shake"] as const;
export const backwardModes = ["even", "shake", "keep"] as const;
export const levels = ["image", "batch"] as const;

/** How factors are chosen. Even: 1/n. Shake: drawn. Keep: as forward. One draw for every image, or for the batch. */
export interface ShakeMode {
  readonly forward: typeof forwardModes[number];
  readonly backward: typeof backwardModes[number];
  readonly level: typeof levels[number];
}

/** A mode as it is written: `shake-shake-image`, `even-even-batch` and so on. */
export type ShakeModeName = `${ShakeMode["forward"]}-${ShakeMode["backward"]}-${ShakeMode["level"]}`;

export const shakeModeNames: readonly ShakeModeName[] = forwardModes.flatMap((forward) =>
  backwardModes.flatMap((backward) => levels.map((level): ShakeModeName => `${forward}-${backward}-${level}`))
);

export function parseShakeMode(name: ShakeModeName): ShakeMode {
  const [forward, backward, level] = name.split("-") as [
    ShakeMode["forward"],
    ShakeMode["backward"],
    ShakeMode["level"],
  ];
  return { forward, backward, level };
}

export interface FactorShape {
  readonly blocks: number;
  readonly branches: number;
  readonly batch: number;
}

/** Forward and backward factors, each [blocks, branches, batch]; over the branches they sum to 1. */
export interface Factors {
  readonly alpha: Float32Array;
  readonly beta: Float32Array;
}

/**
 * Draws the factors of one step: u_i / sum of u over the branches, u uniform in [0, 1), as the paper's code does.
 *
 * Every mode consumes the same draws in the same order, so modes differ only in which of them they use.
 *
 * @param uniformFor the stream of uniform numbers of an image of the batch
 */
export function drawFactors(
  { forward, backward, level }: ShakeMode,
  { blocks, branches, batch }: FactorShape,
  uniformFor: (image: number) => () => number,
): Factors {
  const size = blocks * branches * batch;
  const alpha = new Float32Array(size).fill(1 / branches), beta = new Float32Array(size).fill(1 / branches);
  for (let image = 0; image < batch; image++) {
    const uniform = uniformFor(level === "batch" ? 0 : image);
    for (let block = 0; block < blocks; block++) {
      const forwardDraw = normalised(branches, uniform), backwardDraw = normalised(branches, uniform);
      for (let branch = 0; branch < branches; branch++) {
        const at = (block * branches + branch) * batch + image;
        if (forward === "shake") alpha[at] = forwardDraw[branch]!;
        if (backward === "shake") beta[at] = backwardDraw[branch]!;
        if (backward === "keep") beta[at] = alpha[at]!;
      }
    }
  }
  return { alpha, beta };
}

function normalised(branches: number, uniform: () => number): number[] {
  const draws = Array.from({ length: branches }, uniform);
  const sum = draws.reduce((a, b) => a + b, 0);
  return draws.map((draw) => sum > 0 ? draw / sum : 1 / branches);
}
