/**
 * The training step as a file: a graph of standard ONNX operators, the state that a run begins with, and for its first
 * steps the batches, draws and learning rates, so that any runtime trains the same network with the same losses.
 *
 * @module
 */
import { trainingBatches } from "../../../data/batches.ts";
import { readFile, writeFileAtomic } from "../../../data/files/files.ts";
import { encodeSafetensors, type HostTensor } from "../../../data/files/safetensors.ts";
import { TrainingStepFile, trainingStepModel } from "../../../export/training_step_file.ts";
import type { ShakeNetwork } from "../../../model/architectures.ts";
import { learningRateAt } from "../../../model/schedule.ts";
import type { Context, Result } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { ParityError } from "./parity_error.ts";
import { datasetPaths, runPaths } from "../../run/paths.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { startProgress } from "../../cli/progress.ts";
import { networkOf, readRunConfiguration } from "../../run/run_configuration.ts";
import { runStage } from "../../run/stage_record.ts";
import { stepInputs } from "../../training/step_inputs.ts";
import { firstState } from "../../training/starting_point.ts";

/** `losses.json`: what the file gave here, and how near that is to what the run had logged. */
export interface TrainingStepReport {
  readonly steps: number;
  /** Cross-entropy and weight decay, before the update of each step. */
  readonly losses: readonly number[];
  /** Losses of the run in its `metrics.jsonl` that these were compared with, and the largest relative difference. */
  readonly compared: number;
  readonly maxRelativeDifference: number;
}

/** Two ways of summing in float32 differ by less than this; what draws or weights differ in, by more. */
const TOLERANCE = 0.05;

export async function exportTrainingStep(options: Configuration, context: Context): Promise<Result> {
  const { trainingStep: folder, trainingStepRecord, configuration: file } = runPaths(options);
  const configuration = { ...await readRunConfiguration(options), runs: options.runs, cache: options.cache };
  const files = {
    model: `${folder}/training_step.onnx`,
    state: `${folder}/initial_state.safetensors`,
    inputs: `${folder}/step_inputs.safetensors`,
    losses: `${folder}/losses.json`,
  };
  const { opset, exportSteps } = options;
  const stage = {
    name: "export",
    record: trainingStepRecord,
    settings: { what: options.what, opset, exportSteps },
    inputs: [file, datasetPaths(configuration).decoded, ...(configuration.init ? [configuration.init] : [])],
    outputs: Object.values(files),
  };
  const upToDate = await runStage(stage, context, async () => {
    const dataset = await loadDataset(configuration);
    const net = networkOf(configuration, dataset);
    const state = await firstState(configuration, net);
    const steps = Array.from(inputsOfSteps(configuration, net, dataset, exportSteps));
    const bytes = trainingStepModel(net, configuration, specsOf({ ...state, ...steps[0]! }), {
      opset,
      description: `a training step of ${net.title} on ${dataset.name}`,
      metadata: { dataset: dataset.name, configuration: JSON.stringify(configuration) },
    });
    const losses = await lossesOf(await TrainingStepFile.load(bytes, state, options.threads), steps, context);
    const report = { steps: losses.length, losses, ...await compareWithRun(configuration, losses) };
    if (!(report.maxRelativeDifference <= TOLERANCE)) {
      throw new ParityError(
        `the training step gives losses that differ from those in ${runPaths(configuration).metrics} by ` +
          `${(100 * report.maxRelativeDifference).toFixed(1)} %; nothing was written`,
      );
    }
    const metadata = { format: "shakenet-training-step-1" };
    await writeFileAtomic(files.model, bytes);
    await writeFileAtomic(files.state, encodeSafetensors({ tensors: state, metadata }));
    await writeFileAtomic(files.inputs, encodeSafetensors({ tensors: stacked(steps), metadata }));
    await writeFileAtomic(files.losses, JSON.stringify(report, null, 2) + "\n");
    context.log(
      `export: ${files.model}, ${(bytes.length / 1e6).toFixed(1)} MB; ${losses.length} steps beside it, loss ` +
        `${losses[0]!.toFixed(4)} to ${losses.at(-1)!.toFixed(4)}`,
    );
  });
  const report = JSON.parse(new TextDecoder().decode(await readFile(files.losses, "run it with --force"))) as Result;
  return { ...report, files: Object.values(files), upToDate };
}

/** The inputs of the first steps of a run. */
function* inputsOfSteps(
  configuration: Configuration,
  net: ShakeNetwork,
  dataset: Awaited<ReturnType<typeof loadDataset>>,
  steps: number,
): Generator<Record<string, HostTensor>> {
  const { batch, epochs } = configuration;
  const stepsPerEpoch = Math.floor(dataset.train.count / batch);
  const schedule = { ...configuration, steps: epochs * stepsPerEpoch, stepsPerEpoch };
  const batchAt = trainingBatches(dataset, configuration);
  for (let step = 0; step < Math.min(steps, schedule.steps); step++) {
    yield stepInputs(configuration, net, dataset, step, batchAt(step), learningRateAt(step, schedule));
  }
}

async function lossesOf(
  file: TrainingStepFile,
  steps: readonly Record<string, HostTensor>[],
  context: Context,
): Promise<number[]> {
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
    await file.dispose();
  }
  return losses;
}

/** How far losses are from those that the run has logged of the same steps. */
async function compareWithRun(
  configuration: Configuration,
  losses: readonly number[],
): Promise<Pick<TrainingStepReport, "compared" | "maxRelativeDifference">> {
  const { metrics } = runPaths(configuration);
  const text = new TextDecoder().decode(await readFile(metrics, `run \`deno task train --run ${configuration.run}\``));
  const logged = text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as { step: number; loss?: number });
  const differences = logged.filter(({ step, loss }) => loss !== undefined && step <= losses.length)
    .map(({ step, loss }) => Math.abs(losses[step - 1]! / loss! - 1));
  return { compared: differences.length, maxRelativeDifference: Math.max(0, ...differences) };
}

const specsOf = (tensors: Readonly<Record<string, HostTensor>>) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      { shape, dtype: data instanceof Int32Array ? "int32" as const : "float32" as const },
    ]),
  );

/** The inputs of all steps, each with the steps as its first dimension. */
function stacked(steps: readonly Record<string, HostTensor>[]): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(steps[0]!).map(([name, { shape, data: first }]) => {
      const data = first instanceof Int32Array
        ? new Int32Array(first.length * steps.length)
        : new Float32Array(first.length * steps.length);
      steps.forEach((inputs, at) => data.set(inputs[name]!.data, at * first.length));
      return [name, { shape: [steps.length, ...shape], data }];
    }),
  );
}
