/**
 * A training run: the loop, the epoch's end, what is saved.
 *
 * @module
 */
import type { Batch } from "../data/batches.ts";
import { BatchFeed } from "../data/batch_feed.ts";
import type { Dataset } from "../data/dataset.ts";
import {
  type DeviceTensor,
  type DeviceTensors,
  disposeAll,
  type Engine,
  type Program,
  readAll,
  uploadAll,
} from "../engine/engine.ts";
import { afterValidation, learningRateAt } from "../model/schedule.ts";
import type { Network } from "../model/network.ts";
import { trainingStep } from "../model/training_step.ts";
import { type Checkpoint, type Position, writeCheckpoint } from "./checkpoint.ts";
import { Classifier } from "./classifier.ts";
import type { Context } from "./command.ts";
import type { Configuration } from "./configuration.ts";
import { MetricsLog } from "./metrics_log.ts";
import { runPaths } from "./paths.ts";
import { type Progress, startProgress } from "./progress.ts";
import { stepInputs } from "./step_inputs.ts";

/** A validation must beat the best by more than this to become the best. */
const BETTER = 1e-4;
/** Seconds after which the last checkpoint is written anew within an epoch. */
const SAVE_SECONDS = 120;

/** Training cannot go on; the message says why, and what is left. */
export class TrainingError extends Error {
  override name = "TrainingError";
  readonly exitCode = 1;
}

/** What a run works with. */
export interface Setup {
  readonly dataset: Dataset;
  readonly net: Network;
  readonly engine: Engine;
  readonly stepsPerEpoch: number;
}

/** A run: the state on the engine, and where it stands. */
export class TrainingRun {
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
    const { epochs, maxSteps = Infinity, batch, logEvery, run } = configuration;
    const scheduled = epochs * stepsPerEpoch;
    const steps = Math.min(scheduled, maxSteps);
    const schedule = { ...configuration, steps: scheduled, stepsPerEpoch };
    const program = await engine.compile(trainingStep(net, configuration), this.#inputSpecs());
    const classifier = await Classifier.create(engine, net, dataset.imageShape);
    const metrics = await MetricsLog.open(runPaths(configuration).metrics, this.#position);
    const feed = new BatchFeed(dataset, configuration, steps);
    const first = this.#position.step;
    const rated = { unit: "images", each: batch };
    const progress = startProgress({ label: "train", total: steps, unit: "steps", from: first, rated }, this.context);
    try {
      for (;;) {
        const { step, validatedEpochs } = this.#position;
        if (step === (validatedEpochs + 1) * stepsPerEpoch) await this.#finishEpoch(classifier, metrics, progress);
        if (step >= steps) break;
        signal.throwIfAborted();
        const rate = learningRateAt(step, schedule, this.#position.plateau);
        const { loss, accuracy } = await this.#step(program, await feed.at(step), rate);
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
        progress.update(done, `loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(1)} %`);
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
      feed.close();
      await program.dispose();
      await classifier.dispose();
      disposeAll(this.#state);
    }
  }

  /** One step: the batch and the draws go in, the new state replaces the old. */
  async #step(
    program: Program,
    batch: Batch,
    learningRate: number,
  ): Promise<{ loss: number; accuracy: number }> {
    const { configuration, setup: { dataset, net, engine } } = this;
    const inputs = uploadAll(
      engine,
      stepInputs(configuration, net, dataset, this.#position.step, batch, learningRate),
    );
    const { loss, accuracy, ...state } = await program.run({ ...this.#state, ...inputs });
    const metrics = { loss: await scalar(loss!), accuracy: await scalar(accuracy!) };
    disposeAll({ ...this.#state, ...inputs, loss: loss!, accuracy: accuracy! });
    this.#state = state;
    return metrics;
  }

  /** Validates, logs the epoch, and writes the checkpoints that are due. */
  async #finishEpoch(classifier: Classifier, metrics: MetricsLog, progress: Progress): Promise<void> {
    const { context: { signal }, configuration, setup: { dataset, stepsPerEpoch } } = this;
    const { step, best, validatedEpochs, epochLoss, epochAccuracy } = this.#position;
    const epoch = validatedEpochs + 1;
    const validation = progress.part({ label: "validate", total: dataset.test.count, unit: "images" });
    const { loss, accuracy } = await classifier.classify(this.#state, dataset, dataset.test, {
      signal,
      onProgress: (images) => validation.update(images),
    }).finally(() => validation.stop());
    const isBest = best === null || accuracy > best.accuracy + BETTER;
    this.#position = {
      ...this.#position,
      validatedEpochs: epoch,
      best: isBest ? { step, accuracy } : best,
      plateau: afterValidation(this.#position.plateau, loss, configuration),
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
    progress.log(
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

const scalar = async (tensor: DeviceTensor): Promise<number> => (await tensor.read()).data[0]!;
