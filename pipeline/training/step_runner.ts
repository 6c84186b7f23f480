/**
 * Runs training steps: the compiled step, and the state that each step replaces.
 *
 * @module
 */
import type { Batch } from "../../data/batches.ts";
import {
  type DeviceTensor,
  type DeviceTensors,
  disposeAll,
  type Program,
  readAll,
  uploadAll,
} from "../../engine/engine.ts";
import { trainingStep } from "../../model/training_step.ts";
import { type Checkpoint, notFinite } from "../run/checkpoint.ts";
import type { Score } from "./position.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import { stepInputs, stepInputSpecs } from "./step_inputs.ts";
import { partOf } from "./team.ts";
import type { TrainingSetup } from "./training_setup.ts";

export interface StepOutcome extends Score {
  /** The update was not finite and is dropped; the state is as before the step. */
  readonly skipped: boolean;
}

/** Disposing of it releases the program and the state. */
export class StepRunner implements AsyncDisposable {
  #state: DeviceTensors;

  private constructor(
    readonly configuration: TrainingConfiguration,
    readonly setup: TrainingSetup,
    readonly program: Program,
    initial: Checkpoint["state"],
  ) {
    this.#state = uploadAll(setup.engine, initial);
  }

  static async create(
    configuration: TrainingConfiguration,
    setup: TrainingSetup,
    initial: Checkpoint["state"],
  ): Promise<StepRunner> {
    const { dataset, net, engine, team: { size } } = setup;
    const processes = size > 1 ? { size, allReduce: engine.allReduce } : undefined;
    const program = await engine.compile(
      trainingStep(net, { ...configuration, processes }),
      stepInputSpecs(initial, net, dataset.imageShape, configuration.batch / size),
    );
    return new StepRunner(configuration, setup, program, initial);
  }

  /** The state on the engine; the next step disposes of it. */
  get state(): DeviceTensors {
    return this.#state;
  }

  /** Runs a step; the new state replaces the old one unless the step is skipped. */
  async run(step: number, batch: Batch, learningRate: number): Promise<StepOutcome> {
    const { configuration, setup: { dataset, net, engine, team } } = this;
    const inputs = uploadAll(
      engine,
      stepInputs(configuration, net, dataset, step, batch, learningRate, partOf(team)),
    );
    const { loss, accuracy, ...after } = await this.program.run({ ...this.#state, ...inputs });
    const score = { loss: await scalar(loss!), accuracy: await scalar(accuracy!) };
    const skipped = !await this.#isAccepted(score.loss, after);
    const [kept, dropped] = skipped ? [this.#state, after] : [after, this.#state];
    disposeAll({ ...dropped, ...inputs, loss: loss!, accuracy: accuracy! });
    this.#state = kept;
    return { ...score, skipped };
  }

  /** With `--non-finite skip`, checks the new state now; otherwise it is checked before it is saved. */
  async #isAccepted(loss: number, after: DeviceTensors): Promise<boolean> {
    if (!Number.isFinite(loss)) return false;
    return this.configuration.nonFinite === "stop" || notFinite(await readAll(after)) === undefined;
  }

  /** Copies the state to JavaScript's memory. */
  read(): Promise<Checkpoint["state"]> {
    return readAll(this.#state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    disposeAll(this.#state);
    await this.program[Symbol.asyncDispose]();
  }
}

const scalar = async (tensor: DeviceTensor): Promise<number> => (await tensor.read()).data[0]!;
