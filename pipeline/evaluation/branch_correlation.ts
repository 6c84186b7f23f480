/**
 * Measures how alike the branches of a trained network are: the correlation of their outputs on the test split, block by
 * block (Gastaldi 2017, section 3.3 and its figure of residual branches).
 *
 * @module
 */
import { batchesInOrder } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import {
  type DeviceTensor,
  type DeviceTensors,
  disposeAll,
  type Engine,
  type HostTensor,
  uploadAll,
} from "../../engine/engine.ts";
import { branchMoments, meanCorrelation, mergedMoments, type Moments } from "../../model/branch_moments.ts";
import { type Network, subjectOf } from "../../model/network.ts";
import type { BranchCorrelation } from "../run/correlation_file.ts";
import { inferenceInputs } from "./classifier.ts";

export interface CorrelationOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (images: number) => void;
}

const BATCH = 100;

/**
 * The mean correlation of the branches of each block.
 *
 * @param state the weights and statistics of the network
 * @throws the signal's reason, if it is aborted
 */
export async function branchCorrelations(
  engine: Engine,
  net: Network,
  state: Readonly<Record<string, HostTensor>>,
  dataset: Dataset,
  { signal, onProgress }: CorrelationOptions = {},
): Promise<BranchCorrelation["blocks"]> {
  await using program = await engine.compile(
    branchMoments(net),
    inferenceInputs(net, dataset.imageShape),
    subjectOf("branchMoments", net),
  );
  const tensors = uploadAll(engine, state);
  let moments: Moments[] | undefined, done = 0;
  try {
    for (const { images, count } of batchesInOrder(dataset, dataset.test, BATCH)) {
      signal?.throwIfAborted();
      const input = engine.upload({ shape: [count, ...dataset.imageShape], data: images });
      const outputs = await program.run({ ...tensors, images: input });
      const ofBatch = await momentsOf(net, count, outputs);
      disposeAll({ ...outputs, input });
      moments = moments?.map((before, block) => mergedMoments(before, ofBatch[block]!)) ?? ofBatch;
      onProgress?.(done += count);
    }
  } finally {
    disposeAll(tensors);
  }
  return net.blocks.map(({ name }, block) => ({ block: name, correlation: meanCorrelation(moments![block]!) }));
}

/** The moments of each block's branches on a batch, from the outputs `mean` and `covariance`. */
async function momentsOf({ blocks, branches }: Network, count: number, outputs: DeviceTensors): Promise<Moments[]> {
  const [mean, covariance] = await Promise.all([dataOf(outputs["mean"]!), dataOf(outputs["covariance"]!)]);
  const row = (data: readonly number[], at: number) => data.slice(at * branches, (at + 1) * branches);
  return blocks.map((_, block): Moments => ({
    count,
    mean: row(mean, block),
    covariance: Array.from({ length: branches }, (_, branch) => row(covariance, block * branches + branch)),
  }));
}

const dataOf = async (tensor: DeviceTensor): Promise<number[]> => Array.from((await tensor.read()).data);
