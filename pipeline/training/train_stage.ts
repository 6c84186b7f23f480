/**
 * The stage `train`: trains a run unless it is up to date, alone or in a team.
 *
 * @module
 */
import { checkSafetensors } from "../../data/files/safetensors.ts";
import type { Context, Result } from "../cli/command.ts";
import { initFile } from "../configuration/pretrained.ts";
import { readPosition } from "../run/checkpoint.ts";
import { writeDataIdentity } from "../run/data_identity.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { trainFirst, writeRunConfiguration } from "../run/run_configuration.ts";
import { runStage } from "../run/stage_record.ts";
import { fittedRun, type TimedConfiguration } from "./fitted_run.ts";
import { conduct, mathematicsOf, pick, type TrainingConfiguration } from "./run_fields.ts";
import { sharedCheckpoint } from "./shared_checkpoint.ts";
import { startingPoint } from "./starting_point.ts";
import { ifDecided, inAll, inTeam, sameInAll, type Team } from "./team.ts";
import { trainNetwork } from "./training_run.ts";
import { prepareTraining } from "./training_setup.ts";
import { settingsOf, trainingTraits } from "./training_traits.ts";

/** Trains in the team of `--distributed`. */
export const trainStage = (configuration: TimedConfiguration, context: Context): Promise<Result> =>
  inTeam(configuration, context, (team, context) => trainInTeam(configuration, context, team));

/** @returns the result of the run in rank 0; nothing in the other processes */
export async function trainInTeam(given: TimedConfiguration, outer: Context, team: Team): Promise<Result> {
  // Other commands have done something before they train.
  const context = outer.command === "train" ? outer : { ...outer, began: performance.now() };
  const configuration = await inAll(team, () => fittedRun(given, context));
  const { configuration: file, metrics, last, best, trainRecord } = runPaths(configuration);
  const init = configuration.init === undefined ? [] : [initFile(configuration.init)];
  for (const path of init) await checkSafetensors(path, "--init needs a checkpoint file");
  const inputs = [datasetPaths(configuration).decoded, ...init];
  const settings = { ...mathematicsOf(configuration), ...pick(configuration, conduct) };
  const outputs = [file, metrics, last, ...(configuration.validation === "none" ? [] : [best])];
  const stage = { name: "train", record: trainRecord, settings, inputs, outputs };
  const upToDate = await ifDecided(
    team,
    (begin) => runStage(stage, context, begin),
    () => trainRun(configuration, context, team),
  );
  return team.rank > 0 ? {} : { ...await resultOf(configuration), upToDate };
}

async function trainRun(configuration: TrainingConfiguration, context: Context, team: Team): Promise<void> {
  const setup = await inAll(team, () => prepareTraining(configuration, context, team));
  const { net, data } = setup;
  await using engine = setup.engine;
  if (team.size > 1) await sameInAll(team, { ...await trainingTraits(configuration), computes: engine.name });
  const settings = settingsOf(configuration, data.digest, team.size);
  const start = await inAll(team, async () => {
    if (team.rank > 0) return undefined;
    const checkpoint = await startingPoint({ ...configuration, data, dataset: setup.dataset }, net, settings, context);
    // The run can be repeated, or resumed, by one process: it computes the same.
    await writeRunConfiguration({ ...configuration, distributed: "none" });
    await writeDataIdentity(runPaths(configuration), data);
    return checkpoint;
  });
  await trainNetwork(configuration, context, setup, await sharedCheckpoint(team, start));
}

/** The position of the run, and the files that it wrote. */
async function resultOf(configuration: TrainingConfiguration): Promise<Result> {
  const { run, validation } = configuration;
  const paths = runPaths(configuration), { last, best, metrics } = paths;
  const { step, validatedEpochs: epochs, best: bestValidation } = await readPosition(last, trainFirst(paths));
  const checkpoints = validation === "none" ? { last } : { last, best };
  return { run, step, epochs, best: bestValidation, checkpoints, metrics };
}
