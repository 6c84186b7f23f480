/**
 * A training run: the loop, the epoch's end, what is saved.
 *
 * @module
 */
import type { Batch, Part } from "../../data/batches.ts";
import { BatchFeed } from "../../data/batch_feed.ts";
import { type Dataset, imagesOf } from "../../data/dataset.ts";
import { ProcessLostError } from "../../engine/distributed/process_group.ts";
import {
  type DeviceTensor,
  type DeviceTensors,
  disposeAll,
  type Engine,
  type Program,
  readAll,
  uploadAll,
} from "../../engine/engine.ts";
import { afterValidation, learningRateAt } from "../../model/schedule.ts";
import type { Network } from "../../model/network.ts";
import { trainingStep } from "../../model/training_step.ts";
import { type Checkpoint, makeCheckpointFolder, notFinite, type Position, writeCheckpoint } from "../run/checkpoint.ts";
import { Classifier } from "../evaluation/classifier.ts";
import { type Context, SaidElsewhereError } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import { type Metrics, MetricsLog, unlogged } from "../run/metrics_log.ts";
import { runPaths } from "../run/paths.ts";
import { SessionLog } from "../run/session_log.ts";
import { TensorBoardLog } from "../tensorboard/tensorboard_log.ts";
import { type Progress, startProgress } from "../cli/progress.ts";
import { stepInputs } from "./step_inputs.ts";
import { StoppedError } from "../cli/stop_signals.ts";
import type { Team } from "./team.ts";

/** A validation must beat the best by more than this to become the best. */
const BETTER = 1e-4;
/** Steps in a row that may be left out before a run is given up. */
const MOST_SKIPPED = 10;

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
  /** The processes that train together. */
  readonly team: Team;
}

interface StepResult {
  readonly loss: number;
  readonly accuracy: number;
  /** Whether its update was made. */
  readonly taken: boolean;
}

/** A run: the state on the engine, and where it stands. */
export class TrainingRun {
  #state: DeviceTensors;
  #position: Position;
  /** The position that the last checkpoint is of, and when it was written. */
  #saved: { readonly at: number; readonly position?: Position };
  #skippedInRow = 0;

  constructor(
    readonly configuration: Configuration,
    readonly context: Context,
    readonly setup: Setup,
    { state, position }: Checkpoint,
  ) {
    this.#state = uploadAll(setup.engine, state);
    this.#position = position;
    this.#saved = { at: performance.now(), ...(position.step > 0 && { position }) };
  }

  async train(): Promise<void> {
    const { configuration, context: { signal }, setup: { dataset, net, engine, stepsPerEpoch, team } } = this;
    const { epochs, maxSteps = Infinity, batch, logEvery, saveSeconds, run } = configuration;
    const scheduled = epochs * stepsPerEpoch;
    const steps = Math.min(scheduled, maxSteps);
    const schedule = { ...configuration, steps: scheduled, stepsPerEpoch };
    const processes = team.size > 1 ? { size: team.size, allReduce: engine.allReduce } : undefined;
    const program = await engine.compile(trainingStep(net, { ...configuration, processes }), this.#inputSpecs());
    const classifier = await Classifier.create(engine, net, dataset.imageShape);
    const { metrics, session } = await this.#openLogs(steps);
    const feed = new BatchFeed(dataset, { ...configuration, part: this.#part }, steps);
    const first = this.#position.step;
    const rated = { unit: "images", each: batch };
    const progress = startProgress({ label: "train", total: steps, unit: "steps", from: first, rated }, this.context);
    try {
      for (;;) {
        const { step, validatedEpochs } = this.#position;
        if (step === (validatedEpochs + 1) * stepsPerEpoch) await this.#finishEpoch(classifier, metrics, progress);
        if (step >= steps) break;
        signal.throwIfAborted();
        await team.stopIfTold();
        const rate = learningRateAt(step, schedule, this.#position.plateau);
        const { loss, accuracy, taken } = await this.#step(program, await feed.at(step), rate);
        const done = step + 1;
        if (!taken) this.#skipped(done, loss, rate, progress.log);
        this.#position = this.#after({ loss, accuracy, taken });
        if (taken && done % logEvery === 0) await metrics.append({ step: done, loss, accuracy, learningRate: rate });
        progress.update(done, `loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(1)} %`);
        if (performance.now() - this.#saved.at > 1000 * saveSeconds) await this.#saveLast(metrics);
      }
      await this.#saveLast(metrics);
      await this.#ensureBest();
    } catch (error) {
      const stopped = (signal.aborted && error === signal.reason) || error instanceof StoppedError;
      if (!stopped && !(error instanceof ProcessLostError)) throw error;
      await this.#saveLast(metrics);
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
      await session.end(this.#position.step);
    }
  }

  /** One step: the batch and the draws go in, the new state replaces the old, unless it is left out. */
  async #step(program: Program, batch: Batch, learningRate: number): Promise<StepResult> {
    const { configuration, setup: { dataset, net, engine } } = this;
    const inputs = uploadAll(
      engine,
      stepInputs(configuration, net, dataset, this.#position.step, batch, learningRate, this.#part),
    );
    const { loss, accuracy, ...state } = await program.run({ ...this.#state, ...inputs });
    const metrics = { loss: await scalar(loss!), accuracy: await scalar(accuracy!) };
    const taken = await this.#isToBeTaken(metrics.loss, state);
    disposeAll({ ...(taken ? this.#state : state), ...inputs, loss: loss!, accuracy: accuracy! });
    if (taken) this.#state = state;
    return { ...metrics, taken };
  }

  /** Where steps may be left out, what they lead to is looked at too; otherwise it is before it is saved. */
  async #isToBeTaken(loss: number, after: DeviceTensors): Promise<boolean> {
    if (!Number.isFinite(loss)) return false;
    return this.configuration.nonFinite === "stop" || notFinite(await readAll(after)) === undefined;
  }

  /** The position after a step. */
  #after({ loss, accuracy, taken }: StepResult): Position {
    const { step, epochLoss, epochAccuracy, epochSkipped } = this.#position;
    const sums = taken
      ? { epochLoss: epochLoss + loss, epochAccuracy: epochAccuracy + accuracy }
      : { epochSkipped: epochSkipped + 1 };
    if (taken) this.#skippedInRow = 0;
    return { ...this.#position, step: step + 1, ...sums };
  }

  /** @throws {TrainingError} unless the step may be left out */
  #skipped(step: number, loss: number, rate: number, log: (line: string) => void): void {
    const what = Number.isFinite(loss)
      ? `step ${step} leads to weights that are not finite`
      : `the loss is ${loss} at step ${step}`;
    if (this.configuration.nonFinite === "stop") throw this.#diverged(what, rate);
    if (++this.#skippedInRow === MOST_SKIPPED) {
      throw this.#diverged(`${what}, after ${MOST_SKIPPED - 1} steps before it that were left out`, rate);
    }
    log(`warning: ${what}, with learning rate ${rate}; it is left out`);
  }

  /** Validates, logs the epoch, and writes the checkpoints that are due. */
  async #finishEpoch(classifier: Classifier, metrics: Metrics, progress: Progress): Promise<void> {
    const { configuration, setup: { dataset, stepsPerEpoch } } = this;
    const { step, best, validatedEpochs, epochLoss, epochAccuracy, epochSkipped } = this.#position;
    const epoch = validatedEpochs + 1;
    const steps = stepsPerEpoch - epochSkipped;
    const validation = progress.part({ label: "validate", total: dataset.test.count, unit: "images" });
    const { loss, accuracy } = await this.#validate(classifier, (images) => validation.update(images))
      .finally(() => validation.stop());
    if (!Number.isFinite(loss)) throw this.#diverged(`the validation loss is ${loss} after step ${step}`);
    const isBest = best === null || accuracy > best.accuracy + BETTER;
    this.#position = {
      ...this.#position,
      validatedEpochs: epoch,
      best: isBest ? { step, accuracy } : best,
      plateau: afterValidation(this.#position.plateau, loss, configuration),
      epochLoss: 0,
      epochAccuracy: 0,
      epochSkipped: 0,
    };
    await metrics.append({
      epoch,
      step,
      trainLoss: epochLoss / steps,
      trainAccuracy: epochAccuracy / steps,
      validationLoss: loss,
      validationAccuracy: accuracy,
    });
    progress.log(
      `epoch ${epoch}/${configuration.epochs}: loss ${(epochLoss / steps).toFixed(4)}, ` +
        `validation accuracy ${(100 * accuracy).toFixed(2)} %${isBest ? ", the best" : ""}`,
    );
    const { best: bestPath, epoch: epochPath } = runPaths(configuration);
    if (isBest) await this.#save(bestPath);
    if (configuration.checkpointEvery > 0 && epoch % configuration.checkpointEvery === 0) {
      await this.#save(epochPath(epoch));
    }
    await this.#saveLast(metrics);
  }

  /** Loss and accuracy on the test split, of which each process classifies a part. */
  async #validate(classifier: Classifier, onProgress: (images: number) => void) {
    const { context: { signal }, setup: { dataset, team } } = this;
    const { count } = dataset.test;
    const [begin, end] = [team.rank, team.rank + 1].map((rank) => Math.floor(count * rank / team.size));
    const own = imagesOf(dataset, dataset.test, begin!, end!);
    const { loss, accuracy } = await classifier.classify(this.#state, dataset, own, {
      signal,
      onProgress: (images) => onProgress(images * team.size),
    });
    if (team.size === 1) return { loss, accuracy };
    const sums = own.count > 0
      ? Float64Array.of(loss * own.count, Math.round(accuracy * own.count))
      : new Float64Array(2);
    await team.sum(sums);
    return { loss: sums[0]! / count, accuracy: sums[1]! / count };
  }

  /** A run too short for a validation has no best checkpoint; then it is the last. */
  async #ensureBest(): Promise<void> {
    if (this.#position.best === null) await this.#save(runPaths(this.configuration).best);
  }

  /** Writes the last checkpoint, unless it is of this position already. */
  async #saveLast(metrics: Metrics): Promise<void> {
    const position = this.#position;
    if (this.#saved.position === position) return;
    // The log must not end before the checkpoint that it leads to.
    await metrics.flush();
    const { last, previous } = runPaths(this.configuration);
    await this.#save(last, previous);
    this.#saved = { at: performance.now(), position };
  }

  /** @throws {TrainingError} if the state is not worth to be saved */
  async #save(path: string, previous?: string): Promise<void> {
    if (this.setup.team.rank > 0) return;
    const state = await readAll(this.#state);
    const lost = notFinite(state);
    if (lost) throw this.#diverged(`${lost} is not finite after step ${this.#position.step}`);
    await writeCheckpoint(path, { position: this.#position, state }, previous);
  }

  /** The part of every batch that this process takes. */
  get #part(): Part {
    const { team: { rank, size } } = this.setup;
    return { index: rank, count: size };
  }

  /** Rank 0 alone writes. */
  async #openLogs(steps: number): Promise<{ metrics: Metrics; session: Pick<SessionLog, "end"> }> {
    const { configuration, setup: { engine, stepsPerEpoch, team } } = this;
    const { batch, tensorboard } = configuration;
    const { step } = this.#position;
    if (team.rank > 0) return { metrics: unlogged, session: { end: () => Promise.resolve() } };
    const paths = runPaths(configuration);
    await makeCheckpointFolder(paths);
    const metrics = await MetricsLog.open(paths.metrics, this.#position);
    if (tensorboard) metrics.copyTo(await TensorBoardLog.begin(paths.tensorboard, configuration, step));
    const session = await SessionLog.begin(paths.sessions, {
      ...{ engine: engine.description, step, steps, stepsPerEpoch, batch },
    });
    return { metrics, session };
  }

  #inputSpecs() {
    const { configuration: { batch: whole, branches }, setup: { dataset, net, team } } = this;
    const batch = whole / team.size;
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

  /** What rank 0 says; the other processes come to it too. */
  #diverged(what: string, rate?: number): TrainingError | SaidElsewhereError {
    const { configuration, setup: { stepsPerEpoch, team } } = this;
    if (team.rank > 0) return new SaidElsewhereError(1);
    const { step, plateau } = this.#position;
    const schedule = { ...configuration, steps: configuration.epochs * stepsPerEpoch, stepsPerEpoch };
    const used = rate ?? learningRateAt(step - 1, schedule, plateau);
    const { last } = runPaths(configuration);
    const { position: saved } = this.#saved;
    const kept = saved ? `${last} is of step ${saved.step}` : "nothing was saved before";
    return new TrainingError(
      `${what}, with learning rate ${used}; ${kept}; begin again with a lower --learning-rate, ` +
        "or continue with --resume --non-finite skip",
    );
  }
}

const scalar = async (tensor: DeviceTensor): Promise<number> => (await tensor.read()).data[0]!;
