/**
 * Validates a network in a team: each process classifies an equal share of the validation split.
 *
 * @module
 */
import { type Dataset, imagesOf, type Split } from "../../data/dataset.ts";
import type { DeviceTensors } from "../../engine/engine.ts";
import type { Classifier } from "../evaluation/classifier.ts";
import { confusionOf, reportOf } from "../evaluation/classification_report.ts";
import type { Validation } from "./position.ts";
import type { Team } from "./team.ts";

export interface ValidationOptions {
  readonly signal: AbortSignal;
  /** @param images number of images that are classified */
  readonly onProgress: (images: number) => void;
}

/**
 * Mean loss and accuracy over a split, and the measures that count every class alike; the same in all processes.
 *
 * @throws the signal's reason, if it is aborted
 */
export async function validate(
  classifier: Classifier,
  state: DeviceTensors,
  dataset: Pick<Dataset, "imageShape" | "mean" | "std" | "labels">,
  split: Split,
  team: Team,
  { signal, onProgress }: ValidationOptions,
): Promise<Validation> {
  const { rank, size } = team;
  const { count } = split;
  const begin = Math.floor(count * rank / size), end = Math.floor(count * (rank + 1) / size);
  const own = imagesOf(dataset, split, begin, end);
  const { loss, accuracy, predicted } = await classifier.classify(state, dataset, own, {
    signal,
    onProgress: (images) => onProgress(images * size),
  });
  const classes = dataset.labels.length, confusion = confusionOf(own.labels, predicted, classes);
  if (size === 1) return { loss, accuracy, images: count, ...balanced(confusion, dataset) };
  // The mean of no images is NaN.
  const means = own.count > 0 ? [loss * own.count, Math.round(accuracy * own.count)] : [0, 0];
  const sums = Float64Array.of(...means, ...confusion.flat());
  await team.sum(sums);
  const ofAll = Array.from(
    { length: classes },
    (_, row) => [...sums.subarray(2 + row * classes, 2 + (row + 1) * classes)],
  );
  return { loss: sums[0]! / count, accuracy: sums[1]! / count, images: count, ...balanced(ofAll, dataset) };
}

function balanced(confusion: number[][], { labels }: Pick<Dataset, "labels">) {
  const { balancedAccuracy = NaN, macro } = reportOf(confusion, labels);
  return { balancedAccuracy, macroF1: macro.f1 };
}
