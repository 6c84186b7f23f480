/**
 * The inputs of a training step beside the state of the run: their shapes, and their values at a step.
 *
 * @module
 */
import { type Batch, type Part, WHOLE_BATCH } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { stream } from "../../data/random.ts";
import type { HostTensor, InputSpec } from "../../engine/engine.ts";
import type { Network } from "../../model/network.ts";
import { drawFactors, parseShakeMode } from "../../model/shake_factors.ts";
import { weakened } from "../../model/shake_strength.ts";
import type { Configuration } from "../configuration/fields.ts";
import type { StepNumbers } from "./step_numbers.ts";

/** The options that the draws of a step depend on. */
export type StepOptions =
  & Pick<Configuration, "seed" | "batch" | "shake" | "sampling" | "branches">
  & Partial<Pick<Configuration, "averaging">>;

/**
 * Returns the inputs of a step by name: its batch, the draws of shake-shake at that step, the learning rate and the shares of
 * an average.
 *
 * @param imageShape the shape of the batch's images
 * @param part the part of the step's batch that the images and labels are; default: all of it
 */
export function stepInputs(
  { seed, batch: whole, shake, sampling, branches, averaging }: StepOptions,
  net: Network,
  { imageShape }: Pick<Dataset, "imageShape">,
  step: number,
  { images, labels, targets }: Batch,
  { learningRate, shakeStrength = 1, average }: StepNumbers,
  part: Part = WHOLE_BATCH,
): Record<string, HostTensor> {
  const batch = whole / part.count;
  const shape = { blocks: net.blocks.length, branches, batch, first: part.index * batch };
  const drawn = drawFactors(
    parseShakeMode(shake),
    sampling,
    shape,
    (image) => stream(seed, "shake", step, image).uniform,
  );
  const { alpha, beta } = weakened(drawn, branches, shakeStrength);
  const factorShape = [shape.blocks, branches, batch];
  const scalar = (value: number): HostTensor => ({ shape: [], data: Float32Array.of(value) });
  return {
    images: { shape: [batch, ...imageShape], data: images },
    labels: { shape: [batch], data: labels },
    ...(targets && { targets: { shape: [batch, net.classes], data: targets } }),
    alpha: { shape: factorShape, data: alpha },
    beta: { shape: factorShape, data: beta },
    learningRate: scalar(learningRate),
    ...(average && { averageKeep: scalar(average.keep) }),
    ...(average && averaging === "lookahead" && { averagePull: scalar(average.pull) }),
  };
}

/**
 * Returns the shapes and element types of everything that a step takes: the state, and {@linkcode stepInputs}.
 *
 * @param state the state, of which only the shapes matter
 * @param batch images of a step of this process
 * @param parts the parts of the recipe that have inputs of their own; default: none
 */
export function stepInputSpecs(
  state: Readonly<Record<string, { readonly shape: readonly number[] }>>,
  net: Network,
  imageShape: Dataset["imageShape"],
  batch: number,
  { mixing, averaging }: Pick<Configuration, "mixing" | "averaging"> = { mixing: "none", averaging: "none" },
): Record<string, InputSpec> {
  const factors = { shape: [net.blocks.length, net.branches, batch] };
  return {
    ...Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, { shape }])),
    images: { shape: [batch, ...imageShape] },
    labels: { shape: [batch], dtype: "int32" },
    ...(mixing !== "none" && { targets: { shape: [batch, net.classes] } }),
    alpha: factors,
    beta: factors,
    learningRate: { shape: [] },
    ...(averaging !== "none" && { averageKeep: { shape: [] } }),
    ...(averaging === "lookahead" && { averagePull: { shape: [] } }),
  };
}

/** Returns {@linkcode stepInputs} for images of noise, which train as fast as any others. */
export function noiseInputs(net: Network, imageShape: Dataset["imageShape"], batch: number) {
  const { branches, classes } = net;
  const options = { seed: 1, batch, branches, shake: "shake-shake-image", sampling: "normalized" } as const;
  const { uniform } = stream(1, "augmentation");
  const size = batch * imageShape.reduce((a, b) => a * b);
  const images = Float32Array.from({ length: size }, () => 2 * uniform() - 1);
  const labels = Int32Array.from({ length: batch }, (_, at) => at % classes);
  return stepInputs(options, net, { imageShape }, 0, { count: batch, images, labels }, { learningRate: 0.1 });
}
