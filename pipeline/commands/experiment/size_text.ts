/**
 * A sentence that names the network, the data set and the length of training of an experiment.
 *
 * @module
 */
import type { Configuration } from "../../configuration/fields.ts";
import { networkOf } from "../../run/described_network.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { trainingSplits } from "../../run/training_splits.ts";
import type { TrainingConfiguration } from "../../training/run_fields.ts";

export async function sizeText(configuration: TrainingConfiguration & Pick<Configuration, "cache">): Promise<string> {
  const dataset = await loadDataset(configuration);
  const { training, part } = trainingSplits(dataset, configuration);
  const { epochs, batch, learningRate, maxSteps } = configuration;
  const stopped = maxSteps === undefined ? "" : ` stopped after ${maxSteps} steps`;
  const { title } = networkOf(configuration, dataset);
  return `${title} on ${dataset.name}, ${epochs} epochs of ${part ?? `${training.train.count} images`}${stopped}, ` +
    `batch ${batch}, learning rate ${learningRate}; error of the last checkpoint on ${dataset.test.count} test images.`;
}
