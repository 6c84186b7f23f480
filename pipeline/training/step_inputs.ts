/**
 * What a training step takes beside the state of the run.
 *
 * @module
 */
import { type Batch, type Part, WHOLE_BATCH } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { stream } from "../../data/random.ts";
import type { HostTensor } from "../../engine/engine.ts";
import type { Network } from "../../model/network.ts";
import { drawFactors, parseShakeMode } from "../../model/shake_factors.ts";
import type { Configuration } from "../configuration/fields.ts";

/** What the draws of a step depend on. */
export type StepOptions = Pick<Configuration, "seed" | "batch" | "shake" | "sampling" | "branches">;

/**
 * The inputs of a step by name: its batch, the draws of shake-shake at that step, and the learning rate.
 *
 * @param part which part of the step's batch the images and labels are; default: all of it
 */
export function stepInputs(
  { seed, batch: whole, shake, sampling, branches }: StepOptions,
  net: Network,
  { imageShape }: Pick<Dataset, "imageShape">,
  step: number,
  { images, labels }: Batch,
  learningRate: number,
  part: Part = WHOLE_BATCH,
): Record<string, HostTensor> {
  const batch = whole / part.count;
  const shape = { blocks: net.blocks.length, branches, batch, first: part.index * batch };
  const { alpha, beta } = drawFactors(
    parseShakeMode(shake),
    sampling,
    shape,
    (image) => stream(seed, "shake", step, image).uniform,
  );
  const factorShape = [shape.blocks, branches, batch];
  return {
    images: { shape: [batch, ...imageShape], data: images },
    labels: { shape: [batch], data: labels },
    alpha: { shape: factorShape, data: alpha },
    beta: { shape: factorShape, data: beta },
    learningRate: { shape: [], data: Float32Array.of(learningRate) },
  };
}
