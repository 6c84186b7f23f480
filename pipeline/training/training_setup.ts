/**
 * The tools of a training run in one process: data set, network, engine and team.
 *
 * @module
 */
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { labelWarnings } from "../../data/label_warnings.ts";
import type { TrainingData } from "../../data/batches.ts";
import type { Split } from "../../data/dataset.ts";
import { parseSizePlan } from "../../data/picture_sizes.ts";
import type { Engine } from "../../engine/engine.ts";
import { selectEngine } from "../../engine/select.ts";
import type { Network } from "../../model/network.ts";
import type { Context } from "../cli/command.ts";
import { UsageError } from "../configuration/usage_error.ts";
import { type DataIdentity, identityOf } from "../run/data_identity.ts";
import { readDataset } from "../run/load_dataset.ts";
import { networkOf } from "../run/described_network.ts";
import { trainingSplits } from "../run/training_splits.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import { type Team, threadsOf } from "./team.ts";

export interface TrainingSetup {
  readonly dataset: TrainingData;
  /** The pictures of each validation; undefined without any. */
  readonly validation: Split | undefined;
  readonly net: Network;
  readonly engine: Engine;
  readonly stepsPerEpoch: number;
  /** The processes that train together. */
  readonly team: Team;
}

/** A setup with the identity of the run's data. */
export interface PreparedTraining extends TrainingSetup {
  readonly data: DataIdentity;
}

/**
 * Loads the data set, builds the network and selects the engine.
 *
 * @throws {UsageError} if the batch is larger than the training split, or cannot be shared by the team
 * @throws {InputError} if the data set is missing or damaged
 */
export async function prepareTraining(
  configuration: TrainingConfiguration,
  { log }: Context,
  team: Team,
): Promise<PreparedTraining> {
  const decoded = await readDataset(configuration);
  const { training: dataset, validation, description, part } = trainingSplits(decoded.dataset, configuration);
  const net = networkOf(configuration, dataset);
  for (const warning of labelWarnings(parseAugmentations(configuration.augment), dataset.labels)) {
    log(`warning: ${warning}`);
  }
  requireSmaller(configuration, dataset);
  const stepsPerEpoch = stepsOf(configuration, dataset.train.count, team.size);
  const { engine, reason } = await selectEngine(configuration.engine, {
    ...configuration,
    threads: threadsOf(team, configuration.threads),
    processes: team.size > 1 ? team : undefined,
  });
  log(`engine: ${engine.description} (${reason})`);
  log(`train: ${description}`);
  if (part !== undefined) log(`train: ${part} (--training-pictures ${configuration.trainingPictures})`);
  if (team.size > 1) log(`train: ${team.size} processes, ${configuration.batch / team.size} images of each step each`);
  return { dataset, validation, data: identityOf(decoded), net, engine, stepsPerEpoch, team };
}

/** @throws {UsageError} if a size of `--sizes` is greater than the data set's */
function requireSmaller({ sizes }: Pick<TrainingConfiguration, "sizes">, { imageShape: [whole] }: TrainingData): void {
  const larger = parseSizePlan(sizes).find(({ side }) => side > whole);
  if (larger) throw new UsageError(`--sizes: ${larger.side} is more than the ${whole} pixels of the data set's images`);
}

/** Steps of an epoch of so many images. */
function stepsOf({ batch }: Pick<TrainingConfiguration, "batch">, images: number, processes: number): number {
  if (batch > images) throw new UsageError(`--batch: ${batch} is more than the ${images} training images`);
  if (batch % processes !== 0) {
    throw new UsageError(
      `--batch: ${batch} images cannot be shared equally by ${processes} processes; choose a multiple`,
    );
  }
  return Math.floor(images / batch);
}
