/**
 * Compares plain with shaken training (Gastaldi 2017, section 2) where regularization matters: few pictures, or many epochs, and
 * a network that fits them. Draws the errors over the epochs, and the correlation of the branches beside.
 *
 * @module
 */
import { writeFileAtomic } from "../../../data/files/files.ts";
import { selectEngine } from "../../../engine/select.ts";
import type { ShakeModeName } from "../../../model/shake_factors.ts";
import type { Context, Result } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { UsageError } from "../../configuration/usage_error.ts";
import { evaluateStage } from "../../evaluation/evaluate_stage.ts";
import { correlationOf } from "../../evaluation/run_correlation.ts";
import { drawShaking } from "../../report/shaking_figure.ts";
import { correlationsIfThere, writeCorrelations } from "../../run/correlation_file.ts";
import { networkOf } from "../../run/described_network.ts";
import { readEvaluation } from "../../run/evaluation_file.ts";
import { writeJson } from "../../run/json_file.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { readMetrics } from "../../run/metrics_log.ts";
import { datasetPaths, runPaths } from "../../run/paths.ts";
import { runStage } from "../../run/stage_record.ts";
import { trainingSplits } from "../../run/training_splits.ts";
import type { TrainingConfiguration } from "../../training/run_fields.ts";
import { PFLOP, stepFlop } from "../../training/step_flop.ts";
import { sameInAll, type Team, threadsOf } from "../../training/team.ts";
import { trainingTraits } from "../../training/training_traits.ts";
import type { download } from "../download.ts";
import type { preprocess } from "../preprocess.ts";
import { filledTo, lengthOf, measuredRun, numbersOf } from "./measured_run.ts";
import { type ModeResult, modeResult, shakingTable, type ShakingTexts } from "./shaking_results.ts";
import { sizeText } from "./size_text.ts";
import { numbersInTurns, prepareData, trainAlone } from "./turns.ts";

/** The paper's E-E-B and S-S-I. */
const DEFAULT_MODES = "even-even-batch,shake-shake-image";

type DataFields = typeof download.fields[number] | typeof preprocess.fields[number];
type ShakingOptions = TrainingConfiguration & Pick<Configuration, DataFields | "seeds" | "modes">;

/** A run's own fields: the last checkpoint counts, and each image is seen once. */
const ofEveryRun = {
  ...{ checkpoint: "last", testTimeAugmentation: "none", distributed: "none" } as const,
  wantedPrecision: undefined,
};

interface ShakingRun {
  readonly mode: ShakeModeName;
  readonly configuration: ShakingOptions & typeof ofEveryRun;
}

/** The texts of the table, and the names of the network's blocks. */
interface Subject extends ShakingTexts {
  /** Names the network, the pictures and the epochs. */
  readonly short: string;
  readonly blocks: readonly string[];
}

/** @throws {UsageError} without a validation, whose errors are the curve */
export async function runShaking(configuration: ShakingOptions, context: Context, team: Team): Promise<Result> {
  if (configuration.validation === "none") {
    throw new UsageError(
      "--validation none: experiment shaking draws the errors over the epochs; name --validation test, which chooses " +
        "nothing here, or a share such as 0.1",
    );
  }
  const folder = `${configuration.runs}/${configuration.run}-shaking`;
  const modes = [...new Set((configuration.modes ?? DEFAULT_MODES).split(","))] as ShakeModeName[];
  await prepareData(configuration, context, team);
  if (team.size > 1) {
    await sameInAll(team, { ...await trainingTraits(configuration), experiment: "shaking", modes });
  }
  const subject = await subjectOf(configuration);
  context.log(`experiment: ${subject.pflop.toPrecision(3)} PFLOP of training a run`);
  const size = { epochs: configuration.epochs, blocks: subject.blocks.length }, length = lengthOf(size);
  const runs = runsOf(modes, { ...configuration, runs: folder, threads: threadsOf(team, configuration.threads) });
  const measured = (numbers: Float64Array) => {
    const done = runs.slice(0, numbers.length / length).map(({ mode }, at) => ({
      mode,
      run: measuredRun(numbers.subarray(length * at, length * (at + 1)), size),
    }));
    const results = [...Map.groupBy(done, ({ mode }) => mode)]
      .map(([mode, ofMode]) => modeResult(mode, ofMode.map(({ run }) => run), subject.blocks));
    return writeResults(folder, subject, results);
  };
  const measure = (run: ShakingRun) => measureRun(run.configuration, context);
  const numbers = await numbersInTurns({ runs, length, measure, measured }, team, context);
  if (team.rank > 0) return {};
  const written = await measured(numbers);
  context.print(await Deno.readTextFile(written.table));
  return { ...written };
}

/** Every mode with every seed; the seeds of a mode are not together, so that the first figure has every mode. */
function runsOf(modes: readonly ShakeModeName[], configuration: ShakingOptions): ShakingRun[] {
  const { seed: first, seeds } = configuration;
  return Array.from({ length: seeds }, (_, at) => first + at).flatMap((seed) =>
    modes.map((mode) => ({
      mode,
      configuration: { ...configuration, ...ofEveryRun, shake: mode, seed, run: `${mode}-seed${seed}` },
    }))
  );
}

async function subjectOf(configuration: ShakingOptions): Promise<Subject> {
  const dataset = await loadDataset(configuration);
  const { training: { train, imageShape }, part } = trainingSplits(dataset, configuration);
  const net = networkOf(configuration, dataset);
  const { epochs, batch, maxSteps = Infinity } = configuration;
  const steps = Math.min(epochs * Math.floor(train.count / batch), maxSteps);
  return {
    size: sizeText(configuration, dataset),
    pflop: steps * stepFlop(configuration, net, imageShape) / PFLOP,
    judged: configuration.validation === "test" ? "test" : "validation",
    short: `${net.title} on ${dataset.name}, ${part ?? `${train.count} training pictures`}, ${epochs} epochs`,
    blocks: net.blocks.map(({ name }) => name),
  };
}

/** Trains, evaluates and correlates a run, unless that is done; returns its numbers. */
async function measureRun(configuration: ShakingRun["configuration"], context: Context): Promise<number[]> {
  await trainAlone(configuration, context);
  await evaluateStage(configuration, { ...context, quiet: true, print() {} });
  const paths = runPaths(configuration), { epochs: count } = configuration;
  const { accuracy } = await readEvaluation(paths, configuration.checkpoint);
  const { epochs } = await readMetrics(paths.metrics);
  const errorOf = (accuracy = NaN) => 100 * (1 - accuracy);
  return numbersOf({
    error: errorOf(accuracy),
    errors: filledTo(count, epochs.map(({ validationAccuracy }) => errorOf(validationAccuracy))),
    trainingErrors: filledTo(count, epochs.map(({ trainAccuracy }) => errorOf(trainAccuracy))),
    correlations: await correlationsOf(configuration, context),
  });
}

async function correlationsOf(configuration: ShakingRun["configuration"], context: Context): Promise<number[]> {
  const paths = runPaths(configuration), { checkpoint, engine: name, device } = configuration;
  const stage = {
    name: "correlate",
    record: paths.correlateRecord,
    settings: { checkpoint, engine: name, device },
    inputs: [paths.last, datasetPaths(configuration).decoded],
    outputs: [paths.branchCorrelation],
  };
  await runStage(stage, context, async () => {
    await using engine = (await selectEngine(name, configuration)).engine;
    await writeCorrelations(paths, [await correlationOf(configuration, engine, context)]);
  });
  const [measured] = (await correlationsIfThere(paths))!;
  return measured!.blocks.map(({ correlation }) => correlation);
}

async function writeResults(folder: string, subject: Subject, results: readonly ModeResult[]) {
  const { size, pflop, judged, short } = subject;
  const seeds = Math.max(0, ...results.map(({ errors }) => errors.length));
  const subtitle = `${short}; mean and range over ${seeds} ${seeds === 1 ? "seed" : "seeds"}`;
  const paths = { table: `${folder}/shaking.md`, file: `${folder}/shaking.json`, figure: `${folder}/shaking.svg` };
  await writeJson(paths.file, { size, pflop, judged, results });
  await writeFileAtomic(paths.table, shakingTable(subject, results));
  await writeFileAtomic(
    paths.figure,
    await drawShaking(results, { title: "Plain and shaken training", subtitle, judged }),
  );
  return { results, ...paths };
}
