/**
 * The graphs of training: a step, and the measurement of a batch. TensorFlow.js's own functions of `fit` and `evaluate` are
 * traced, so losses, metrics, regularizers and moving statistics are TensorFlow.js's.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { DataType, Graph } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { trace } from "../to_onnx.ts";
import { withLayerScopes } from "../layers/layer_scopes.ts";
import { type NamedVariables, uniqueName, withVariables } from "../layers/variables.ts";
import { withSubstitutes } from "../layers/substitute.ts";
import type { Formula } from "./optimizer_formulas.ts";
import { isRandom, withRandomInputs } from "./random_draws.ts";

/** The name of the input that holds the learning rate. */
export const LEARNING_RATE = "optimizer/learning_rate";
/** Prefixes of the names of other inputs and outputs. */
const TARGET = "target/", SHARED = "optimizer/";
const slotName = (slot: string, weight: string): string => `optimizer/${slot}/${weight}`;

/** Shape and element type of one tensor of a batch. */
export interface BatchType {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** A compiled model, its variables, and the names of those that learn. */
export interface TrainedModel {
  /** Functional, and compiled with losses and metrics. */
  readonly model: tf.LayersModel;
  readonly variables: NamedVariables;
  /** The names of the variables that gradients change. */
  readonly trainable: readonly string[];
}

/** The parts of a compiled model that TensorFlow.js's types hide. */
interface ModelInternals {
  makeTrainFunction(): (data: tf.Tensor[]) => tf.Scalar[];
  makeTestFunction(): void;
  readonly testFunction: (data: tf.Tensor[]) => tf.Scalar[];
  getDedupedMetricsNames(): string[];
}

const internals = (model: tf.LayersModel) => model as unknown as ModelInternals;

/** The names of the loss and the metrics, as TensorFlow.js logs them. */
export const logNames = ({ model }: TrainedModel): string[] => internals(model).getDedupedMetricsNames();

/** The name of the target of every output of a model. */
export function targetNames({ outputNames }: tf.LayersModel): string[] {
  const names: Record<string, true> = {};
  for (const name of outputNames) names[uniqueName(TARGET + name, names)] = true;
  return Object.keys(names);
}

/**
 * Traces a step: weights, optimizer state, learning rate and a batch to new weights, new state and logs.
 *
 * @param batch the inputs and targets, in the model's order
 */
export function trainingGraph(trained: TrainedModel, formula: Formula, batch: readonly BatchType[]): Graph {
  const { model, variables, trainable } = trained;
  if (trainable.length === 0) {
    throw new TraceError(`no weight of model ${model.name} is trainable; set trainable of one of its layers to true`);
  }
  const state = stateTypes(trained, formula);
  const scalar = { shape: [], dtype: "float32" } as const;
  return tracedOnBatch(trained, { ...state, [LEARNING_RATE]: scalar }, batch, (inputs, data) => {
    let gradients: tf.NamedTensorMap = {};
    // The train function minimizes; here the gradients are only recorded, and the formula is applied below.
    const recorder = {
      minimize(loss: () => tf.Scalar, _returnCost: boolean, varList: tf.Variable[]) {
        const { value, grads } = tf.variableGrads(loss, varList);
        gradients = grads;
        return value;
      },
    };
    return withVariables(variables, inputs, (assigned) => {
      const train = internals(model).makeTrainFunction();
      const logs = withSubstitutes(
        [{ object: model, key: "optimizer_", value: recorder }],
        () => withRandomInputs(model, () => withLayerScopes(model, () => train(data))),
      );
      // The forward pass assigns moving statistics, before the optimizer's step.
      const weights = { ...inputs, ...assigned };
      const updates = trainable.map((name) => {
        const gradient = gradients[variables[name]!.name];
        return gradient ? updated(name, weights, gradient, formula, inputs) : {};
      });
      return Object.assign({}, assigned, ...updates, advanced(formula, inputs), named(trained, logs));
    });
  });
}

function updated(
  name: string,
  weights: tf.NamedTensorMap,
  gradient: tf.Tensor,
  formula: Formula,
  inputs: tf.NamedTensorMap,
) {
  const slots = mapKeys(formula.slots, (slot) => inputs[slotName(slot, name)]!);
  const { weight, slots: next } = formula.update(
    weights[name]!,
    gradient,
    slots,
    shared(formula, inputs),
    inputs[LEARNING_RATE]!,
  );
  const state = Object.entries(next).map(([slot, tensor]) => [slotName(slot, name), tensor] as const);
  return { [name]: weight, ...Object.fromEntries(state) };
}

const shared = (formula: Formula, inputs: tf.NamedTensorMap) =>
  mapKeys(formula.shared ?? {}, (key) => inputs[SHARED + key]!);

const advanced = (formula: Formula, inputs: tf.NamedTensorMap) =>
  Object.fromEntries(
    Object.entries(formula.advance?.(shared(formula, inputs)) ?? {}).map(([key, tensor]) => [SHARED + key, tensor]),
  );

/** Traces the loss and the metrics of a batch, as the model infers. */
export function evaluationGraph(trained: TrainedModel, batch: readonly BatchType[]): Graph {
  const { model, variables } = trained;
  return tracedOnBatch(trained, weightTypes(trained), batch, (inputs, data) =>
    withVariables(variables, inputs, () => {
      internals(model).makeTestFunction();
      const values = withLayerScopes(model, () => internals(model).testFunction(data));
      // The sums of the first losses come first. TensorFlow.js logs those of several outputs under wrong names.
      const losses = model.outputs.length;
      return named(trained, [values[losses - 1]!, ...values.slice(losses)]);
    }));
}

/** Traces a function of the state and of the list of a batch's tensors. */
function tracedOnBatch(
  { model }: TrainedModel,
  state: Readonly<Record<string, BatchType>>,
  batch: readonly BatchType[],
  fn: (inputs: tf.NamedTensorMap, data: tf.Tensor[]) => tf.NamedTensorMap,
): Graph {
  const names = [...model.inputNames, ...targetNames(model)];
  const types = Object.fromEntries(names.map((name, at) => [name, batch[at]!]));
  let results: tf.NamedTensorMap = {};
  const graph = trace((inputs) => results = fn(inputs, names.map((name) => inputs[name]!)), { ...state, ...types });
  // Assigned values and metrics are kept beyond the trace.
  tf.dispose(results);
  return graph;
}

/** The types of the weights and of the optimizer's state. */
function stateTypes(trained: TrainedModel, formula: Formula): Record<string, BatchType> {
  const slots = optimizerState(trained, formula).map(({ name, type }) => [name, type] as const);
  return { ...weightTypes(trained), ...Object.fromEntries(slots) };
}

/** A tensor of the optimizer's state. */
interface OptimizerTensor {
  readonly name: string;
  readonly type: BatchType;
  /** The number that fills it before the first step. */
  readonly first: number;
}

/** Lists the optimizer's state: the slots of each trainable weight, then the numbers that all weights share. */
export function optimizerState(trained: TrainedModel, { slots, shared = {} }: Formula): OptimizerTensor[] {
  const weights = weightTypes(trained), scalar = { shape: [], dtype: "float32" } as const;
  const ofWeights = trained.trainable.flatMap((weight) =>
    Object.entries(slots).map(([slot, first]) => ({ name: slotName(slot, weight), type: weights[weight]!, first }))
  );
  return [...ofWeights, ...Object.entries(shared).map(([key, first]) => ({ name: SHARED + key, type: scalar, first }))];
}

/**
 * Checks that the values of a step have names of their own.
 *
 * @throws {Error} if a variable has the name of an input, a target or a part of the optimizer's state, or if an input or a variable
 * has a name like those of random numbers
 */
export function checkNames(trained: TrainedModel, formula: Formula): void {
  const { model, variables } = trained;
  const others = new Set([
    ...optimizerState(trained, formula).map(({ name }) => name),
    ...[LEARNING_RATE, ...model.inputNames, ...targetNames(model)],
  ]);
  const name = Object.keys(variables).find((name) => others.has(name));
  if (name !== undefined) {
    throw new Error(
      `variable ${name} has the name of an input, a target or a part of the optimizer's state; rename it`,
    );
  }
  const random = [...model.inputNames, ...Object.keys(variables)].find(isRandom);
  if (random !== undefined) throw new Error(`${random} has a name like those of random numbers; rename it`);
}

const weightTypes = ({ variables }: TrainedModel): Record<string, BatchType> =>
  mapKeys(variables, (name) => {
    const { shape, dtype } = variables[name]!;
    return { shape: [...shape], dtype: dtype as DataType };
  });

const named = (trained: TrainedModel, logs: readonly tf.Tensor[]) =>
  Object.fromEntries(logNames(trained).map((name, at) => [logOutput(name), logs[at]!]));

/** The name of the output that holds a loss or a metric. */
export const logOutput = (name: string): string => `log/${name}`;

const mapKeys = <T>(record: Readonly<Record<string, unknown>>, fn: (key: string) => T): Record<string, T> =>
  Object.fromEntries(Object.keys(record).map((key) => [key, fn(key)]));
