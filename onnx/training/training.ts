/**
 * A model in training: its weights and its optimizer's state in onnxruntime, and the compiled steps.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Graph, HostArray } from "../graph/graph.ts";
import { outputName, toOnnx } from "../to_onnx.ts";
import { hostValue, writeVariable } from "../layers/variables.ts";
import { type Examples, type HostBatch, hostBatch, type TrainingData } from "./batches.ts";
import { CompiledGraphs, type CompileOptions } from "./compiled_graphs.ts";
import { fit, type Logs, measureAll, type Trainer } from "./fit.ts";
import { checkEvaluateOptions, type EvaluateOptions, type FitOptions } from "./fit_options.ts";
import { openBatches } from "./open_data.ts";
import { type Formula, formulaOf, learningRateOf } from "./optimizer_formulas.ts";
import { generator, normalNumbers, uniformNumbers } from "./random_numbers.ts";
import type { RuntimeSession, RuntimeTensor } from "./runtime.ts";
import {
  type BatchType,
  checkNames,
  LEARNING_RATE,
  logNames,
  logOutput,
  optimizerState,
  targetNames,
  type TrainedModel,
} from "./training_graph.ts";
import { isRandom, UNIFORM } from "./random_draws.ts";

/** How the steps are compiled and run. */
export interface RunOptions extends CompileOptions {
  readonly seed: number;
}

/** A model whose steps onnxruntime computes. It is made by `compileTraining`. */
export class Training implements AsyncDisposable {
  readonly #trained: TrainedModel;
  readonly #formula: Formula;
  readonly #options: RunOptions;
  readonly #graphs: CompiledGraphs;
  #state: Record<string, RuntimeTensor> = {};
  #steps = 0;
  #isRunning = false;

  /** The key of all random numbers. */
  readonly seed: number;
  /** The names of the loss and the metrics. */
  readonly logNames: readonly string[];

  /**
   * Reads the weights of a model.
   *
   * @param trained a compiled model
   */
  constructor(trained: TrainedModel, options: RunOptions) {
    this.#trained = trained;
    this.#options = options;
    this.#formula = formulaOf(trained.model.optimizer);
    checkNames(trained, this.#formula);
    this.#graphs = new CompiledGraphs(trained, this.#formula, options);
    this.seed = options.seed;
    this.logNames = logNames(trained);
    this.readWeights();
    this.#resetOptimizer();
  }

  /** The model that learns. Its weights are up to date after {@linkcode fit} and {@linkcode writeWeights}. */
  get model(): tf.LayersModel {
    return this.#trained.model;
  }

  /** The number of steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Trains for some epochs as TensorFlow.js's `fit` does, and writes the weights into the model at the end of each epoch.
   *
   * @param data all examples as tensors, or their batches
   * @returns the losses and metrics of each epoch
   * @throws {TraceError} if the model or the loss cannot be traced
   */
  fit(data: TrainingData, options: FitOptions = {}): Promise<tf.History> {
    return fit(this.#trainer(), data, options);
  }

  /**
   * Trains on one batch.
   *
   * @param examples inputs and targets, the first axis over examples
   * @returns the loss and the metrics before the step
   * @throws {Error} if another step or measurement is running
   * @throws {TraceError} if the model or the loss cannot be traced
   */
  step(examples: Examples): Promise<Logs> {
    return this.#train(hostBatch(this.model, examples));
  }

  /**
   * Measures the loss and the metrics as the model infers.
   *
   * @param data all examples as tensors, or their batches
   * @returns their means over the examples
   * @throws {Error} if a step is running, or if an option does not suit the data
   */
  async evaluate(data: TrainingData, options: EvaluateOptions = {}): Promise<Logs> {
    checkEvaluateOptions(data, options);
    return await measureAll(this.#trainer(), openBatches(this.model, data, options).epoch(0));
  }

  /**
   * Writes the step for batches like this one as a portable ONNX model: weights, optimizer state, learning rate, random
   * numbers and a batch to the next weights and state, `next/<name>`, and logs, `log/<name>`.
   */
  stepModel(examples: Examples): Uint8Array<ArrayBuffer> {
    const { specialValues } = this.#options, { tensors } = hostBatch(this.model, examples);
    return toOnnx(this.#graphs.graph("step", tensors), { name: `${this.model.name} step`, specialValues });
  }

  #trainer(): Trainer {
    const { model, logNames, seed } = this;
    return {
      ...{ model, logNames, seed },
      train: (batch) => this.#train(batch),
      measure: (batch) => this.#measure(batch),
      writeWeights: () => this.writeWeights(),
    };
  }

  async #train(batch: HostBatch): Promise<Logs> {
    const { graph, session } = await this.#graphs.compiled("step", batch.tensors);
    const rate = Float32Array.of(learningRateOf(this.model.optimizer));
    const feeds = this.#feeds(graph, batch, { [LEARNING_RATE]: this.#tensor({ shape: [], dtype: "float32" }, rate) });
    const results = await this.#run(session, feeds);
    for (const name of Object.keys(this.#state)) {
      if (name in graph.outputs) this.#state[name] = results[outputName(graph, name)]!;
    }
    this.#steps++;
    return this.#logs(results);
  }

  async #measure(batch: HostBatch): Promise<Logs> {
    const { graph, session } = await this.#graphs.compiled("evaluation", batch.tensors);
    return this.#logs(await this.#run(session, this.#feeds(graph, batch, {})));
  }

  /** Writes the weights into the model. */
  writeWeights(): void {
    for (const [name, variable] of Object.entries(this.#trained.variables)) {
      writeVariable(variable, this.#state[name]!.data as HostArray);
    }
  }

  /** Reads the weights of the model, after the program changed them there; the optimizer keeps its state. */
  readWeights(): void {
    for (const [name, variable] of Object.entries(this.#trained.variables)) {
      const { data, ...type } = hostValue(variable);
      this.#state[name] = this.#tensor(type, data);
    }
  }

  /** Frees what onnxruntime holds. Weights and the optimizer's state stay; a later step compiles again. */
  async dispose(): Promise<void> {
    await this.#graphs.release();
  }

  /** See {@linkcode dispose}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #resetOptimizer(): void {
    for (const { name, type, first } of optimizerState(this.#trained, this.#formula)) {
      this.#state[name] = this.#tensor(type, new Float32Array(elements(type)).fill(first));
    }
  }

  #feeds(graph: Graph, batch: HostBatch, others: Record<string, RuntimeTensor>): Record<string, RuntimeTensor> {
    const { model } = this.#trained;
    const names = [...model.inputNames, ...targetNames(model)];
    const data = names.map((name, at) => [name, this.#tensor(batch.tensors[at]!, batch.tensors[at]!.data)] as const);
    const random = Object.entries(graph.inputs)
      .filter(([name]) => isRandom(name))
      .map(([name, type], at) => [name, this.#draw(name, at, type)] as const);
    const feeds = { ...this.#state, ...others, ...Object.fromEntries([...data, ...random]) };
    return Object.fromEntries(Object.keys(graph.inputs).map((name) => [name, feeds[name]!]));
  }

  /** Draws the random numbers of a step: a function of the seed, the step and the input's place. */
  #draw(name: string, at: number, type: BatchType): RuntimeTensor {
    const random = generator(this.seed, this.#steps, at);
    const draw = name.startsWith(UNIFORM) ? uniformNumbers : normalNumbers;
    return this.#tensor(type, draw(elements(type), random));
  }

  /** Runs one session at a time: each step reads the state that the one before wrote. */
  async #run(session: RuntimeSession, feeds: Record<string, RuntimeTensor>) {
    if (this.#isRunning) throw new Error("a step is running; await it before the next one");
    this.#isRunning = true;
    try {
      return await session.run(feeds);
    } finally {
      this.#isRunning = false;
    }
  }

  #tensor({ shape, dtype }: BatchType, data: HostArray): RuntimeTensor {
    return new this.#options.runtime.Tensor(dtype, data, shape);
  }

  #logs(results: Readonly<Record<string, RuntimeTensor>>): Logs {
    return Object.fromEntries(
      this.logNames.map((name) => [name, Number((results[logOutput(name)]!.data as Float32Array)[0])]),
    );
  }
}

const elements = ({ shape }: BatchType) => shape.reduce((product, size) => product * size, 1);
