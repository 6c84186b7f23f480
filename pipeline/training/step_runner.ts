/**
 * Runs training steps: the compiled step, and the state that each step replaces.
 *
 * @module
 */
import type { Batch } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import {
  type DeviceTensor,
  type DeviceTensors,
  disposeAll,
  type Program,
  readAll,
  uploadAll,
} from "../../engine/engine.ts";
import { subjectOf } from "../../model/network.ts";
import { trainingStep } from "../../model/training_step.ts";
import { type Checkpoint, notFinite } from "../run/checkpoint.ts";
import type { Score } from "./position.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import { stepInputs, stepInputSpecs } from "./step_inputs.ts";
import type { SizedStepNumbers } from "./step_numbers.ts";
import { classWeightsOf, stepOptionsOf } from "./step_options.ts";
import { partOf } from "./team.ts";
import type { TrainingSetup } from "./training_setup.ts";

export interface StepOutcome extends Score {
  /** The update was not finite and is dropped; the state is as before the step. */
  readonly skipped: boolean;
}

type ImageShape = Dataset["imageShape"];
type Shapes = Readonly<Record<string, { readonly shape: readonly number[] }>>;

/** A step compiled for images of a shape. */
interface CompiledStep {
  readonly program: Program;
  readonly imageShape: ImageShape;
}

async function compiledStep(
  configuration: TrainingConfiguration,
  { net, engine, dataset, team: { size } }: TrainingSetup,
  state: Shapes,
  imageShape: ImageShape,
): Promise<CompiledStep> {
  const processes = size > 1 ? { size, allReduce: engine.allReduce } : undefined;
  const options = stepOptionsOf(configuration, classWeightsOf(configuration, dataset));
  const program = await engine.compile(
    trainingStep(net, { ...options, processes }),
    stepInputSpecs(state, net, imageShape, configuration.batch / size, configuration),
    subjectOf("trainingStep", net, { ...options, processes: size }),
  );
  return { program, imageShape };
}

/** Disposing of it releases the program and the state. */
export class StepRunner implements AsyncDisposable {
  #state: DeviceTensors;
  #compiled: CompiledStep;

  private constructor(
    readonly configuration: TrainingConfiguration,
    readonly setup: TrainingSetup,
    compiled: CompiledStep,
    initial: Checkpoint["state"],
  ) {
    this.#compiled = compiled;
    this.#state = uploadAll(setup.engine, initial);
  }

  /** @param imageShape the shape of the first step's images; default: the data set's */
  static async create(
    configuration: TrainingConfiguration,
    setup: TrainingSetup,
    initial: Checkpoint["state"],
    imageShape: ImageShape = setup.dataset.imageShape,
  ): Promise<StepRunner> {
    const compiled = await compiledStep(configuration, setup, initial, imageShape);
    try {
      return new StepRunner(configuration, setup, compiled, initial);
    } catch (error) {
      // The device may have no memory for the state.
      await compiled.program[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The state on the engine; the next step disposes of it. */
  get state(): DeviceTensors {
    return this.#state;
  }

  /** Runs a step; the new state replaces the old one unless the step is skipped. */
  async run(step: number, batch: Batch, numbers: SizedStepNumbers): Promise<StepOutcome> {
    const { configuration, setup: { net, engine, team } } = this;
    const program = await this.#programFor(numbers.imageShape);
    const inputs = uploadAll(
      engine,
      stepInputs(configuration, net, numbers, step, batch, numbers, partOf(team)),
    );
    const { loss, accuracy, ...after } = await program.run({ ...this.#state, ...inputs });
    const score = { loss: await scalar(loss!), accuracy: await scalar(accuracy!) };
    const skipped = !await this.#isAccepted(score.loss, after);
    const [kept, dropped] = skipped ? [this.#state, after] : [after, this.#state];
    disposeAll({ ...dropped, ...inputs, loss: loss!, accuracy: accuracy! });
    this.#state = kept;
    return { ...score, skipped };
  }

  /** The program for images of a shape. A run seldom returns to a shape, so it keeps one program. */
  async #programFor(imageShape: ImageShape): Promise<Program> {
    const { configuration, setup } = this;
    if (`${imageShape}` !== `${this.#compiled.imageShape}`) {
      const { program } = this.#compiled;
      this.#compiled = await compiledStep(configuration, setup, this.#state, imageShape);
      await program[Symbol.asyncDispose]();
    }
    return this.#compiled.program;
  }

  /** Replaces tensors of the state. */
  replace(tensors: DeviceTensors): void {
    disposeAll(Object.fromEntries(Object.keys(tensors).map((name) => [name, this.#state[name]!])));
    this.#state = { ...this.#state, ...tensors };
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
    await this.#compiled.program[Symbol.asyncDispose]();
  }
}

const scalar = async (tensor: DeviceTensor): Promise<number> => (await tensor.read()).data[0]!;
