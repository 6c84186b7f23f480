/**
 * Validates a network in a team: each process classifies an equal share of the validation split.
 *
 * @module
 */
import { type Dataset, imagesOf, type Split } from "../../data/dataset.ts";
import type { DeviceTensors } from "../../engine/engine.ts";
import type { Classifier } from "../evaluation/classifier.ts";
import type { Score } from "./position.ts";
import type { Team } from "./team.ts";

export interface ValidationOptions {
  readonly signal: AbortSignal;
  /** @param images number of images that are classified */
  readonly onProgress: (images: number) => void;
}

/**
 * Mean loss and accuracy over a split, the same in all processes.
 *
 * @throws the signal's reason, if it is aborted
 */
export async function validate(
  classifier: Classifier,
  state: DeviceTensors,
  dataset: Pick<Dataset, "imageShape" | "mean" | "std">,
  split: Split,
  team: Team,
  { signal, onProgress }: ValidationOptions,
): Promise<Score> {
  const { rank, size } = team;
  const { count } = split;
  const begin = Math.floor(count * rank / size), end = Math.floor(count * (rank + 1) / size);
  const own = imagesOf(dataset, split, begin, end);
  const { loss, accuracy } = await classifier.classify(state, dataset, own, {
    signal,
    onProgress: (images) => onProgress(images * size),
  });
  if (size === 1) return { loss, accuracy };
  // The mean of no images is NaN.
  const sums = own.count > 0
    ? Float64Array.of(loss * own.count, Math.round(accuracy * own.count))
    : new Float64Array(2);
  await team.sum(sums);
  return { loss: sums[0]! / count, accuracy: sums[1]! / count };
}
