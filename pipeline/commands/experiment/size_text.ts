/**
 * A sentence that names the network, the data set and the length of training of an experiment.
 *
 * @module
 */
import type { Dataset } from "../../../data/dataset.ts";
import { networkOf } from "../../run/described_network.ts";
import { trainingSplits } from "../../run/training_splits.ts";
import type { TrainingConfiguration } from "../../training/run_fields.ts";

export function sizeText(configuration: TrainingConfiguration, dataset: Dataset): string {
  const { training, part } = trainingSplits(dataset, configuration);
  const { epochs, batch, learningRate, maxSteps } = configuration;
  const stopped = maxSteps === undefined ? "" : ` stopped after ${maxSteps} steps`;
  const { title } = networkOf(configuration, dataset);
  return `${title} on ${dataset.name}, ${epochs} epochs of ${part ?? `${training.train.count} images`}${stopped}, ` +
    `batch ${batch}, learning rate ${learningRate}; error of the last checkpoint on ${dataset.test.count} test images.`;
}
