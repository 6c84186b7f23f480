/**
 * Exports the training step: a graph of standard ONNX operators, the state that a run begins with, and the batches, draws
 * and learning rates of its first steps, so that any runtime trains the same network with the same losses.
 *
 * @module
 */
import { z } from "zod";
import { trainingBatches, type TrainingData } from "../../../data/batches.ts";
import { isThere, writeFileAtomic } from "../../../data/files/files.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { parseSizePlan } from "../../../data/picture_sizes.ts";
import { encodeSafetensors } from "../../../data/files/safetensors.ts";
import { TrainingStepFile, trainingStepModel } from "../../../export/training_step_file.ts";
import type { Network } from "../../../model/network.ts";
import type { Context } from "../../cli/command.ts";
import { startProgress } from "../../cli/progress.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { initFile } from "../../configuration/pretrained.ts";
import { readJson, writeJson } from "../../run/json_file.ts";
import { readMetrics } from "../../run/metrics_log.ts";
import { datasetPaths, type RunPaths, runPaths } from "../../run/paths.ts";
import { networkOf } from "../../run/described_network.ts";
import { trainFirst } from "../../run/run_configuration.ts";
import { loadRunData } from "../../run/run_data.ts";
import { runStage } from "../../run/stage_record.ts";
import { trainingSplits } from "../../run/training_splits.ts";
import { batchOptionsOf } from "../../training/batch_options.ts";
import { withoutUnusedParts } from "../../training/run_fields.ts";
import { firstState } from "../../training/starting_point.ts";
import { stepInputs, stepInputSpecs } from "../../training/step_inputs.ts";
import { stepPlan } from "../../training/step_numbers.ts";
import { classWeightsOf, stepOptionsOf } from "../../training/step_options.ts";
import { UsageError } from "../../configuration/usage_error.ts";
import { exportedConfiguration } from "./export_source.ts";
import { ParityError } from "./parity_error.ts";
import { stackedInputs, type Steps } from "./stacked_inputs.ts";

/** `losses.json`: the losses of the exported file here, and their distance from those that the run logged. */
const StepReport = z.object({
  steps: z.int(),
  /** Cross-entropy and weight decay, before the update of each step. */
  losses: z.array(z.number()),
  /** Losses in `metrics.jsonl` that these are compared with. */
  compared: z.int(),
  maxRelativeDifference: z.number(),
});
type StepReport = Readonly<z.output<typeof StepReport>>;

export type StepExportOptions = Pick<
  Configuration,
  "run" | "runs" | "cache" | "what" | "opset" | "exportSteps" | "threads"
>;

/** A finished export. */
export interface StepExportResult extends StepReport {
  readonly files: readonly string[];
  readonly upToDate: boolean;
}

/** Two orders of summing in float32 differ by less than this; other draws or weights by more. */
const TOLERANCE = 0.05;
const METADATA = { format: "shakenet-training-step-1" };

/** @throws {ParityError} if the losses differ from those of the run; then nothing is written */
export async function exportTrainingStep(options: StepExportOptions, context: Context): Promise<StepExportResult> {
  const paths = runPaths(options);
  const configuration = { ...await exportedConfiguration(paths, options.cache), runs: options.runs };
  const files = stepFiles(paths);
  const { what, opset, exportSteps } = options;
  const { init } = configuration;
  const stage = {
    name: "export",
    record: paths.trainingStepRecord,
    settings: { what, opset, exportSteps },
    inputs: [paths.configuration, datasetPaths(configuration).decoded, ...(init === undefined ? [] : [initFile(init)])],
    outputs: Object.values(files),
  };
  const upToDate = await runStage(stage, context, () => writeStep(options, paths, configuration, context));
  const report = await readJson(files.losses, StepReport, `export ${paths.flags} --what training-step`);
  return { ...report, files: Object.values(files), upToDate };
}

const stepFiles = ({ trainingStep: folder }: RunPaths) => ({
  model: `${folder}/training_step.onnx`,
  state: `${folder}/initial_state.safetensors`,
  inputs: `${folder}/step_inputs.safetensors`,
  losses: `${folder}/losses.json`,
});

async function writeStep(
  { opset, exportSteps, threads }: StepExportOptions,
  paths: RunPaths,
  configuration: Configuration,
  context: Context,
): Promise<void> {
  requireOneSize(configuration);
  const { training: dataset } = trainingSplits(await loadRunData(paths, configuration), configuration);
  const net = networkOf(configuration, dataset);
  const state = await firstState(configuration, net, dataset);
  const steps = inputsOfSteps(configuration, net, dataset, exportSteps);
  const inputs = stepInputSpecs(state, net, dataset.imageShape, configuration.batch, configuration);
  const bytes = trainingStepModel(net, stepOptionsOf(configuration, classWeightsOf(configuration, dataset)), inputs, {
    opset,
    description: `a training step of ${net.title} on ${dataset.name}`,
    metadata: { dataset: dataset.name, configuration: JSON.stringify(withoutUnusedParts(configuration)) },
  });
  await using file = await TrainingStepFile.load(bytes, state, threads);
  const losses = await lossesOf(file, steps, context);
  const report = { steps: losses.length, losses, ...await compareWithRun(paths, losses) };
  requireParity(report, paths);
  const files = stepFiles(paths);
  await writeFileAtomic(files.model, bytes);
  await writeFileAtomic(files.state, encodeSafetensors({ tensors: state, metadata: METADATA }));
  await writeFileAtomic(files.inputs, encodeSafetensors({ tensors: stackedInputs(steps), metadata: METADATA }));
  await writeJson(files.losses, report);
  context.log(
    `export: ${files.model}, ${(bytes.length / 1e6).toFixed(1)} MB; ${losses.length} steps beside it, loss ` +
      `${losses[0]!.toFixed(4)} to ${losses.at(-1)!.toFixed(4)}`,
  );
}

/** @throws {UsageError} if images change their size, which the inputs of a file do not */
function requireOneSize({ run, sizes }: Pick<Configuration, "run" | "sizes">): void {
  if (parseSizePlan(sizes).length === 0) return;
  throw new UsageError(
    `--what training-step: the images of the run ${run} have several sizes (--sizes ${sizes}), and a file has one; ` +
      "train a run without --sizes",
  );
}

/** The inputs of the first steps of a run. */
function inputsOfSteps(configuration: Configuration, net: Network, dataset: TrainingData, count: number): Steps {
  const plan = stepPlan(configuration, dataset, Math.floor(dataset.train.count / configuration.batch));
  const batchAt = trainingBatches(dataset, batchOptionsOf(configuration));
  const inputsAt = (step: number) => stepInputs(configuration, net, dataset, step, batchAt(step), plan.at(step));
  const [first, ...others] = Array.from({ length: Math.min(count, plan.steps) }, (_, step) => step);
  return [inputsAt(first!), ...others.map(inputsAt)];
}

/** @throws the signal's reason, if it is aborted */
async function lossesOf(file: TrainingStepFile, steps: Steps, context: Context): Promise<number[]> {
  const progress = startProgress({ label: "export", total: steps.length, unit: "steps" }, context);
  const losses: number[] = [];
  try {
    for (const inputs of steps) {
      context.signal.throwIfAborted();
      losses.push(await file.step(inputs));
      progress.update(losses.length);
    }
  } finally {
    progress.stop();
  }
  return losses;
}

/** Compares losses with those that the run logged at the same steps. */
async function compareWithRun(
  paths: RunPaths,
  losses: readonly number[],
): Promise<Pick<StepReport, "compared" | "maxRelativeDifference">> {
  if (!await isThere(paths.metrics)) throw new InputError(`${paths.metrics} does not exist; ${trainFirst(paths)}`);
  const { steps } = await readMetrics(paths.metrics);
  const differences = steps.filter(({ step }) => step <= losses.length)
    .map(({ step, loss }) => Math.abs(losses[step - 1]! / loss - 1));
  return { compared: differences.length, maxRelativeDifference: Math.max(0, ...differences) };
}

function requireParity({ maxRelativeDifference }: StepReport, { metrics }: RunPaths): void {
  if (maxRelativeDifference <= TOLERANCE) return;
  throw new ParityError(
    `the training step gives losses that differ from those in ${metrics} by ` +
      `${(100 * maxRelativeDifference).toFixed(1)} %; nothing is written`,
  );
}
