/**
 * The training loop: rate, batch, step, record, and the end of each epoch.
 *
 * @module
 */
import { BatchFeed } from "../../data/batch_feed.ts";
import { ProcessLostError } from "../../engine/distributed/process_group.ts";
import { evaluatedState } from "../../model/weight_average.ts";
import { type Context, SaidElsewhereError } from "../cli/command.ts";
import { type Progress, startProgress } from "../cli/progress.ts";
import { percentText } from "../cli/quantity.ts";
import { shellWord } from "../cli/shell_word.ts";
import { StoppedError } from "../cli/stop_signals.ts";
import { Classifier } from "../evaluation/classifier.ts";
import type { Checkpoint, Position } from "../run/checkpoint.ts";
import { runPaths } from "../run/paths.ts";
import { averagedStatistics } from "./averaged_statistics.ts";
import { batchOptionsOf } from "./batch_options.ts";
import { CheckpointKeeper } from "./checkpoint_keeper.ts";
import {
  afterEpoch,
  afterStep,
  endsEpoch,
  epochMetrics,
  isOutOfPatience,
  isValidated,
  type Validation,
} from "./position.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import { FirstStep } from "./first_step.ts";
import { openRunLogs, type RunLogs } from "./run_logs.ts";
import { SkippedSteps } from "./skipped_steps.ts";
import { type StepPlan, stepPlan } from "./step_numbers.ts";
import { type StepOutcome, StepRunner } from "./step_runner.ts";
import { partOf } from "./team.ts";
import { TrainingError } from "./training_error.ts";
import type { TrainingSetup } from "./training_setup.ts";
import { validate } from "./validation.ts";

/**
 * Trains from a checkpoint to the last step. A run that is stopped, or loses a process, saves its last checkpoint.
 *
 * @throws {TrainingError} if the run diverges
 * @throws {StoppedError} if it is stopped; the reason of the context's signal, if it is aborted
 */
export async function trainNetwork(
  configuration: TrainingConfiguration,
  context: Context,
  setup: TrainingSetup,
  { state, position }: Checkpoint,
): Promise<void> {
  const { dataset, net, engine, team } = setup;
  const { maxSteps = Infinity, batch } = configuration;
  const plan = stepPlan(configuration, dataset, setup.stepsPerEpoch);
  const steps = Math.min(plan.steps, maxSteps);
  using feed = new BatchFeed(dataset, batchOptionsOf(configuration, partOf(team)), steps);
  // Its thread makes the first batch while this one opens the step.
  if (position.step < steps) void feed.at(position.step);
  await using runner = await StepRunner.create(configuration, setup, state, plan.at(position.step).imageShape);
  await using classifier = new Classifier(engine, net, dataset.imageShape);
  await using logs = await openRunLogs(configuration, setup, position, steps, context.log);
  const rated = { unit: "images", each: batch };
  using progress = startProgress({ label: "train", total: steps, unit: "steps", from: position.step, rated }, context);
  const firstStep = new FirstStep(context.began);
  const tools = { ...setup, plan, steps, runner, classifier, logs, feed, progress, firstStep, signal: context.signal };
  const training = new TrainingRun(configuration, tools, position);
  try {
    await training.train();
  } catch (error) {
    if (!isInterruption(error, context.signal)) throw error;
    await training.save();
    progress.stop();
    context.stopped(`train: stopped after step ${training.step} of ${steps}`, continuation(configuration, context));
    throw error;
  }
}

/** Everything that the loop uses. */
interface Tools extends TrainingSetup {
  readonly plan: StepPlan;
  /** Steps after which the run is done; the plan may be longer. */
  readonly steps: number;
  readonly runner: StepRunner;
  readonly classifier: Classifier;
  readonly logs: RunLogs;
  readonly feed: BatchFeed;
  readonly progress: Progress;
  readonly firstStep: FirstStep;
  readonly signal: AbortSignal;
}

class TrainingRun {
  #position: Position;
  readonly #checkpoints: CheckpointKeeper;
  readonly #skipped: SkippedSteps;

  constructor(readonly configuration: TrainingConfiguration, readonly tools: Tools, start: Position) {
    const { runner, logs, progress, team } = tools;
    this.#position = start;
    this.#checkpoints = new CheckpointKeeper({
      ...configuration,
      paths: runPaths(configuration),
      writes: team.rank === 0,
      validates: tools.validation !== undefined,
      readState: () => runner.read(),
      flushMetrics: () => logs.metrics.flush(),
      diverged: (reason) => this.#diverged(reason, this.#lastRate),
    }, start);
    this.#skipped = new SkippedSteps({
      ...configuration,
      diverged: (reason, rate) => this.#diverged(reason, rate),
      log: progress.log,
    });
  }

  /** Steps done. */
  get step(): number {
    return this.#position.step;
  }

  async train(): Promise<void> {
    const { stepsPerEpoch, steps, team, plan, feed, runner, firstStep } = this.tools;
    for (;;) {
      if (endsEpoch(this.#position, stepsPerEpoch)) await this.#endEpoch();
      if (this.step >= steps || this.#isOutOfPatience()) break;
      await team.stopIfTold();
      const numbers = plan.at(this.step, this.#position.plateau);
      const batch = await feed.at(this.step);
      firstStep.begins();
      const outcome = await runner.run(this.step, batch, numbers);
      if (firstStep.ends()) this.#logFirstStep();
      team.started();
      await this.#record(outcome, numbers.learningRate);
      if (this.#checkpoints.isDue) await this.save();
    }
    if (this.step % stepsPerEpoch !== 0) await this.#completeAverage();
    await this.#checkpoints.saveEnd(this.#position);
  }

  /** Saves the last checkpoint. */
  save(): Promise<void> {
    return this.#checkpoints.saveLast(this.#position);
  }

  /** Says how long the start and the first step took. */
  #logFirstStep(): void {
    const { firstStep, logs, progress } = this.tools;
    logs.firstStep(firstStep.seconds!);
    progress.log(`train: ${firstStep}`);
  }

  /** Counts a step, logs it, and shows it. */
  async #record(outcome: StepOutcome, learningRate: number): Promise<void> {
    const { logs, progress } = this.tools;
    const { loss, accuracy, skipped } = outcome;
    const step = this.step + 1;
    this.#skipped.count(step, outcome, learningRate);
    this.#position = afterStep(this.#position, outcome);
    logs.reached(step);
    if (!skipped && step % this.configuration.logEvery === 0) {
      await logs.metrics.append({ step, loss, accuracy, learningRate });
    }
    progress.update(step, `loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(1)} %`);
  }

  /** Tells if `--patience` ends the run here, and says so. */
  #isOutOfPatience(): boolean {
    const { configuration, tools: { stepsPerEpoch, progress } } = this;
    if (!isOutOfPatience(this.#position, configuration, stepsPerEpoch)) return false;
    const { best, validatedEpochs } = this.#position;
    progress.log(
      `train: epoch ${validatedEpochs} is the last: no validation was better than that of epoch ` +
        `${best!.step / stepsPerEpoch} for ${configuration.patience} epochs (--patience)`,
    );
    return true;
  }

  /** Validates, logs the epoch, and saves the checkpoints that are due. */
  async #endEpoch(): Promise<void> {
    const { configuration, tools: { stepsPerEpoch, logs, progress } } = this;
    const { step } = this;
    await this.#completeAverage();
    const validation = await this.#validate();
    if (validation && !Number.isFinite(validation.loss)) {
      throw this.#diverged(`the validation loss is ${validation.loss} after step ${step}`, this.#lastRate);
    }
    const metrics = epochMetrics(this.#position, validation, stepsPerEpoch);
    this.#position = afterEpoch(this.#position, validation, configuration);
    await logs.metrics.append(metrics);
    const best = this.#position.best?.step === step ? ", the best" : "";
    progress.log(
      `epoch ${metrics.epoch}/${configuration.epochs}: loss ${metrics.trainLoss.toFixed(4)}, ` +
        (validation
          ? `validation accuracy ${percentText(validation.accuracy)}${judgedText(validation, configuration)}${best}`
          : `training accuracy ${percentText(metrics.trainAccuracy)}`),
    );
    await this.#checkpoints.saveEpoch(this.#position);
  }

  /** Gives an equal average of weights the statistics of batch norm that belong to it. */
  async #completeAverage(): Promise<void> {
    const { plan, runner } = this.tools;
    if (!plan.needsStatistics(this.step)) return;
    runner.replace(await averagedStatistics(this.configuration, this.tools, runner.state));
  }

  /** The score on the validation pictures, or undefined without any, or where `--validate-every` leaves the epoch out. */
  async #validate(): Promise<Validation | undefined> {
    const { classifier, runner, dataset, validation, plan, team, progress, signal } = this.tools;
    // The schedule's end, not that of --max-steps: a continued run is the same run.
    if (!validation || !isValidated(this.#position, this.configuration, plan.steps)) return undefined;
    const state = evaluatedState(runner.state);
    using shown = progress.part({ label: "validate", total: validation.count, unit: "images" });
    const onProgress = (images: number) => shown.update(images);
    return await validate(classifier, state, dataset, validation, team, { signal, onProgress });
  }

  /** The learning rate of the last step. */
  get #lastRate(): number {
    return this.tools.plan.at(this.step - 1, this.#position.plateau).learningRate;
  }

  /** The error of rank 0; it is the same in the other processes, which leave the message to rank 0. */
  #diverged(reason: string, learningRate: number): TrainingError | SaidElsewhereError {
    if (this.tools.team.rank > 0) return new SaidElsewhereError(1);
    return TrainingError.diverged(reason, learningRate, this.#checkpoints.kept);
  }
}

/** The validation's score by `--best`, where that is not its accuracy. */
function judgedText(validation: Validation, { best }: Pick<TrainingConfiguration, "best">): string {
  const text = {
    "accuracy": "",
    "balanced-accuracy": `, balanced accuracy ${percentText(validation.balancedAccuracy)}`,
    "macro-f1": `, macro F1 ${percentText(validation.macroF1)}`,
    "loss": `, loss ${validation.loss.toFixed(4)}`,
  };
  return text[best];
}

/** The command that continues a run; its configuration repeats the flags that the run was begun with. */
function continuation(configuration: TrainingConfiguration, { command }: Context): string {
  if (command === "experiment") return "the same command";
  const file = shellWord(runPaths(configuration).configuration);
  return command === "pipeline" ? `deno task pipeline --config ${file}` : `deno task train --config ${file} --resume`;
}

/** The run was stopped, or a process of the team was lost; the state is intact. */
const isInterruption = (error: unknown, signal: AbortSignal): boolean =>
  error instanceof StoppedError || error instanceof ProcessLostError || (signal.aborted && error === signal.reason);
