/**
 * Stage 3: trains a network (Gastaldi 2017, section 2): Nesterov momentum, a cosine without restarts, shake-shake
 * regularization.
 *
 * @module
 */
import { type Batch, trainingBatches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { stream } from "../data/random.ts";
import {
  type DeviceTensor,
  type DeviceTensors,
  disposeAll,
  type Engine,
  type Program,
  readAll,
  uploadAll,
} from "../engine/engine.ts";
import { selectEngine } from "../engine/select.ts";
import { initialise } from "../model/initialise.ts";
import { cosine } from "../model/schedule.ts";
import { drawFactors, parseShakeMode } from "../model/shake_factors.ts";
import type { ShakeNet } from "../model/shakenet.ts";
import { initialState, trainingStep } from "../model/training_step.ts";
import { type Checkpoint, type Position, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { Classifier } from "./classifier.ts";
import type { Command, Context } from "./command.ts";
import type { Configuration, Field } from "./configuration.ts";
import { MetricsLog } from "./metrics_log.ts";
import { datasetPaths, runPaths } from "./paths.ts";
import { loadDataset } from "./preprocess.ts";
import { startProgress } from "./progress.ts";
import { networkOf, writeRunConfiguration } from "./run_configuration.ts";
import { runStage, sha256, whyStale } from "./stage_record.ts";
import { UsageError } from "./usage_error.ts";

/** What the weights depend on; a run can only be continued with the same. */
const mathematics = [
  "dataset",
  "depth",
  "width",
  "branches",
  "shake",
  "epochs",
  "batch",
  "learningRate",
  "momentum",
  "weightDecay",
  "augment",
  "shuffle",
  "seed",
  "init",
] as const satisfies readonly Field[];

/** What only decides how far a run goes, where it is computed and what it leaves. */
const conduct = ["maxSteps", "logEvery", "checkpointEvery", "engine"] as const satisfies readonly Field[];

/** A validation must beat the best by more than this to become the best. */
const BETTER = 1e-4;
/** Seconds after which the last checkpoint is written anew within an epoch. */
const SAVE_SECONDS = 120;

/** Training cannot go on; the message says why, and what is left. */
export class TrainingError extends Error {
  override name = "TrainingError";
  readonly exitCode = 1;
}

export const train: Command = {
  name: "train",
  fields: ["run", ...mathematics, ...conduct, "threads", "runs", "cache"],
  resumes: true,
  async run(configuration, context) {
    const { configuration: file, metrics, last, best, trainRecord } = runPaths(configuration);
    const inputs = [datasetPaths(configuration).decoded, ...(configuration.init ? [configuration.init] : [])];
    const settings = pick(configuration, [...mathematics, ...conduct]);
    const stage = { name: "train", record: trainRecord, settings, inputs, outputs: [file, metrics, last, best] };
    if (!context.force && !context.resume && await sha256(last) && await whyStale(stage)) {
      throw new UsageError(
        `${last} is there: continue the run with --resume, begin it again with --force, or choose another --run`,
      );
    }
    await runStage(stage, context, () => trainRun(configuration, context));
  },
};

async function trainRun(configuration: Configuration, context: Context): Promise<void> {
  const { log } = context;
  const dataset = await loadDataset(configuration);
  const net = networkOf(configuration);
  const stepsPerEpoch = Math.floor(dataset.train.count / configuration.batch);
  if (stepsPerEpoch === 0) {
    throw new UsageError(`--batch: ${configuration.batch} is more than the ${dataset.train.count} training images`);
  }
  const { engine, reason } = await selectEngine(configuration.engine, configuration);
  log(`engine: ${engine.description} (${reason})`);
  const start = await startOf(configuration, net, context);
  await writeRunConfiguration(configuration);
  const run = new Run(configuration, context, { dataset, net, engine, stepsPerEpoch }, start);
  await run.train();
}

/** What a run works with. */
interface Setup {
  readonly dataset: Dataset;
  readonly net: ShakeNet;
  readonly engine: Engine;
  readonly stepsPerEpoch: number;
}

/** A run: the state on the engine, and where it stands. */
class Run {
  #state: DeviceTensors;
  #position: Position;
  #saved: { readonly at: number; readonly step?: number } = { at: performance.now() };

  constructor(
    readonly configuration: Configuration,
    readonly context: Context,
    readonly setup: Setup,
    { state, position }: Checkpoint,
  ) {
    this.#state = uploadAll(setup.engine, state);
    this.#position = position;
  }

  async train(): Promise<void> {
    const { configuration, context: { signal }, setup: { dataset, net, engine, stepsPerEpoch } } = this;
    const { epochs, maxSteps = Infinity, batch, logEvery, learningRate, run } = configuration;
    const scheduled = epochs * stepsPerEpoch;
    const steps = Math.min(scheduled, maxSteps);
    const program = await engine.compile(trainingStep(net, configuration), this.#inputSpecs());
    const classifier = await Classifier.create(engine, net, dataset.imageShape);
    const batchAt = trainingBatches(dataset, configuration);
    const metrics = await MetricsLog.open(runPaths(configuration).metrics, this.#position);
    const first = this.#position.step;
    const progress = startProgress({ label: "train", total: steps, unit: "steps", from: first }, this.context);
    const began = performance.now();
    try {
      for (;;) {
        const { step, validatedEpochs } = this.#position;
        if (step === (validatedEpochs + 1) * stepsPerEpoch) await this.#finishEpoch(classifier, metrics, progress.log);
        if (step >= steps) break;
        signal.throwIfAborted();
        const rate = cosine(step, scheduled, learningRate);
        const { loss, accuracy } = await this.#step(program, batchAt(step), rate);
        const done = step + 1;
        if (!Number.isFinite(loss)) throw this.#diverged(done, loss, rate);
        const { epochLoss, epochAccuracy } = this.#position;
        this.#position = {
          ...this.#position,
          step: done,
          epochLoss: epochLoss + loss,
          epochAccuracy: epochAccuracy + accuracy,
        };
        if (done % logEvery === 0) await metrics.append({ step: done, loss, accuracy, learningRate: rate });
        const speed = (done - first) * batch / (performance.now() - began) * 1000;
        progress.update(
          done,
          `loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(1)} %, ${speed.toFixed(0)} images/s`,
        );
        if (performance.now() - this.#saved.at > 1000 * SAVE_SECONDS) await this.#save();
      }
      await this.#save();
      await this.#ensureBest();
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error;
      await this.#save();
      progress.stop();
      this.context.log(
        `train: stopped after step ${this.#position.step} of ${steps}; continue with \`deno task train --run ${run} --resume\``,
      );
      throw error;
    } finally {
      progress.stop();
      await program.dispose();
      await classifier.dispose();
      disposeAll(this.#state);
    }
  }

  /** One step: the batch and the draws go in, the new state replaces the old. */
  async #step(
    program: Program,
    { images, labels }: Batch,
    learningRate: number,
  ): Promise<{ loss: number; accuracy: number }> {
    const { configuration: { seed, batch, shake, branches }, setup: { dataset, net, engine } } = this;
    const shape = { blocks: net.blocks.length, branches, batch };
    const { step } = this.#position;
    const { alpha, beta } = drawFactors(
      parseShakeMode(shake),
      shape,
      (image) => stream(seed, "shake", step, image).uniform,
    );
    const factorShape = [shape.blocks, branches, batch];
    const inputs = uploadAll(engine, {
      images: { shape: [batch, ...dataset.imageShape], data: images },
      labels: { shape: [batch], data: labels },
      alpha: { shape: factorShape, data: alpha },
      beta: { shape: factorShape, data: beta },
      learningRate: { shape: [], data: Float32Array.of(learningRate) },
    });
    const { loss, accuracy, ...state } = await program.run({ ...this.#state, ...inputs });
    const metrics = { loss: await scalar(loss!), accuracy: await scalar(accuracy!) };
    disposeAll({ ...this.#state, ...inputs, loss: loss!, accuracy: accuracy! });
    this.#state = state;
    return metrics;
  }

  /** Validates, logs the epoch, and writes the checkpoints that are due. */
  async #finishEpoch(classifier: Classifier, metrics: MetricsLog, log: (line: string) => void): Promise<void> {
    const { context: { signal }, configuration, setup: { dataset, stepsPerEpoch } } = this;
    const { step, best, validatedEpochs, epochLoss, epochAccuracy } = this.#position;
    const epoch = validatedEpochs + 1;
    const { loss, accuracy } = await classifier.classify(this.#state, dataset, dataset.test, { signal });
    const isBest = best === null || accuracy > best.accuracy + BETTER;
    this.#position = {
      ...this.#position,
      validatedEpochs: epoch,
      best: isBest ? { step, accuracy } : best,
      epochLoss: 0,
      epochAccuracy: 0,
    };
    await metrics.append({
      epoch,
      step,
      trainLoss: epochLoss / stepsPerEpoch,
      trainAccuracy: epochAccuracy / stepsPerEpoch,
      validationLoss: loss,
      validationAccuracy: accuracy,
    });
    log(
      `epoch ${epoch}/${configuration.epochs}: loss ${(epochLoss / stepsPerEpoch).toFixed(4)}, ` +
        `validation accuracy ${(100 * accuracy).toFixed(2)} %${isBest ? ", the best" : ""}`,
    );
    const { best: bestPath, epoch: epochPath } = runPaths(configuration);
    if (isBest) await this.#save(bestPath);
    if (configuration.checkpointEvery > 0 && epoch % configuration.checkpointEvery === 0) {
      await this.#save(epochPath(epoch));
    }
    await this.#save();
  }

  /** A run too short for a validation has no best checkpoint; then it is the last. */
  async #ensureBest(): Promise<void> {
    if (this.#position.best === null) await this.#save(runPaths(this.configuration).best);
  }

  async #save(path = runPaths(this.configuration).last): Promise<void> {
    await writeCheckpoint(path, { position: this.#position, state: await readAll(this.#state) });
    this.#saved = { at: performance.now(), step: this.#position.step };
  }

  #inputSpecs() {
    const { configuration: { batch, branches }, setup: { dataset, net } } = this;
    const factors = { shape: [net.blocks.length, branches, batch] };
    return {
      ...Object.fromEntries(Object.entries(this.#state).map(([name, { shape }]) => [name, { shape }])),
      images: { shape: [batch, ...dataset.imageShape] },
      labels: { shape: [batch], dtype: "int32" as const },
      alpha: factors,
      beta: factors,
      learningRate: { shape: [] },
    };
  }

  #diverged(step: number, loss: number, rate: number): TrainingError {
    const { step: saved } = this.#saved;
    const kept = saved === undefined
      ? "nothing was saved before"
      : `${runPaths(this.configuration).last} is of step ${saved}`;
    return new TrainingError(
      `the loss is ${loss} at step ${step}, with learning rate ${rate}; ${kept}; begin again with a lower --learning-rate`,
    );
  }
}

/** Where a run begins: at its last checkpoint, at given weights, or at new ones. */
async function startOf(
  configuration: Configuration,
  net: ShakeNet,
  { resume, force, log }: Context,
): Promise<Checkpoint> {
  const { last } = runPaths(configuration);
  const settings = { ...pick(configuration, mathematics), data: await sha256(datasetPaths(configuration).decoded) };
  if (resume && !force && await sha256(last)) {
    const checkpoint = await readCheckpoint(last, net, "begin the run without --resume");
    const changed = Object.entries(settings).find(([key, value]) =>
      JSON.stringify(checkpoint.position.settings[key]) !== JSON.stringify(value)
    );
    if (changed) {
      const [key, value] = changed;
      const [was, is] = [checkpoint.position.settings[key], value].map((setting) => JSON.stringify(setting));
      const what = key === "data" ? "other data" : `${key} ${was}, not ${is}`;
      throw new UsageError(
        `the run ${configuration.run} was begun with ${what}: choose another --run, or begin it again with --force`,
      );
    }
    log(`train: continuing after step ${checkpoint.position.step}`);
    return checkpoint;
  }
  const position: Position = { step: 0, validatedEpochs: 0, best: null, epochLoss: 0, epochAccuracy: 0, settings };
  const fresh = initialState(
    net,
    initialise(net.variables, (index) => stream(configuration.seed, "initialisation", index).uniform),
  );
  if (!configuration.init) return { position, state: fresh };
  const { state } = await readCheckpoint(configuration.init, net, "--init needs a checkpoint file");
  const kept = Object.entries(state).filter(([name]) => !name.startsWith("momentum/"));
  return { position, state: { ...fresh, ...Object.fromEntries(kept) } };
}

const pick = (configuration: Configuration, fields: readonly Field[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field, configuration[field]]));

const scalar = async (tensor: DeviceTensor): Promise<number> => (await tensor.read()).data[0]!;
