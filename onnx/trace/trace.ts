/**
 * Records a TensorFlow.js function as a graph of kernels.
 *
 * The recorder is a TensorFlow.js backend whose kernels compute only the type of their result. So it traces any function,
 * with the gradients that TensorFlow.js derives from it. Kernels on constants alone run at once, on the CPU backend.
 *
 * @module
 */
import "./greeting.ts";
import * as tf from "@tensorflow/tfjs";
import {
  type DataType,
  type Graph,
  type Kernel,
  type KernelTypes,
  type Value,
  withoutDeadKernels,
} from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { checkFunction, checkInputs } from "./check_inputs.ts";
import { withCorrectedGradients } from "./corrected_gradients.ts";
import { type Attempt, recordAtSizes, type Traces, type UnknownDimension } from "./find_sizes.ts";
import { DifferentKernelsError, generalise, IDENTITY_MATRIX, UNIFORM_CONSTANT } from "./generalise.ts";
import { complexKernel, missingKernel } from "./missing_kernel.ts";
import { runOnInputs } from "./named_inputs.ts";
import { namedTensors } from "./named_tensors.ts";
import { onBackend } from "./on_backend.ts";
import { BACKEND, dependsOnSizes, isComplex, traceBackend, withoutElements } from "./trace_backend.ts";
import { withoutProfiling } from "./without_profiling.ts";
import { withoutSideEffects } from "./without_side_effects.ts";

/** Tensors of TensorFlow.js by name. */
export type NamedTensors = Record<string, tf.Tensor>;

/** A function of named tensors to named tensors. It must be pure: it reads no tensor's elements and keeps no state. */
export type TensorFunction = (inputs: NamedTensors) => NamedTensors;

/** Type of an input of a traced function. A dimension of `null` may have any size when the graph runs. */
export interface InputSpec {
  /** Sizes of the dimensions. */
  readonly shape: readonly (number | null)[];
  /** Default `float32`. */
  readonly dtype?: DataType;
}

/** A tensor of the rank of an input, where the compiler knows how many dimensions its shape has. */
export type TensorOf<Input extends InputSpec> = `R${Input["shape"]["length"]}` extends keyof typeof tf.Rank
  ? tf.Tensor<(typeof tf.Rank)[`R${Input["shape"]["length"]}`]>
  : tf.Tensor;

/** The tensors that a function receives for these inputs. */
export type TensorsOf<Inputs extends Readonly<Record<string, InputSpec>>> = {
  [Name in keyof Inputs]: TensorOf<Inputs[Name]>;
};

/**
 * Traces `fn`.
 *
 * Tensors that `fn` closes over become constants of the graph. With dynamic dimensions it traces the function at four sizes
 * of them and generalises the graphs to one.
 *
 * @param fn the function; it runs synchronously on tensors that have a shape and a type but no elements
 * @param inputs the name, shape and element type of every input
 * @param types the kernels that the graph may hold
 * @throws {TraceError} if `fn` reads a traced tensor, draws random numbers or uses a kernel that `types` lacks, or if
 * something that cannot be computed from sizes depends on a dynamic dimension
 */
export function trace(fn: TensorFunction, inputs: Readonly<Record<string, InputSpec>>, types: KernelTypes): Graph {
  checkFunction(fn);
  checkInputs(inputs);
  const unknown = Object.entries(inputs).flatMap(([input, { shape }]) =>
    shape.flatMap((size, axis): UnknownDimension[] => size === null ? [{ input, axis, rank: shape.length }] : [])
  );
  if (unknown.length === 0) return withoutDeadKernels(record(fn, sizedInputs(inputs, unknown, []), types, false));
  const known = Object.values(inputs).flatMap(({ shape }) => shape.filter((size) => size !== null));
  const traces = recordAtSizes(
    unknown,
    known,
    (sizes, mostElements) => attempt(fn, sizedInputs(inputs, unknown, sizes), types, mostElements),
  );
  const graph = withoutDeadKernels(joined(traces));
  for (const { name, inputs } of graph.kernels) {
    if (!MADE.has(name) && !Object.hasOwn(types, name)) throw missingKernel(name, types);
    if (Object.values(inputs).some(isComplex)) throw complexKernel(name);
  }
  return graph;
}

/** Kernels that the joining of traces adds; no function calls them. */
const MADE: ReadonlySet<string> = new Set([UNIFORM_CONSTANT, IDENTITY_MATRIX]);

function joined({ all, ofOnes }: Traces<Graph>): Graph {
  const alive = all.map(withoutDeadKernels);
  try {
    if (ofOnes) return generalise([...alive, withoutDeadKernels(ofOnes)]);
  } catch (error) {
    if (!(error instanceof DifferentKernelsError)) throw error;
  }
  const graph = generalise(alive);
  if (ofOnes) checkRanks(graph, ofOnes);
  return graph;
}

/** @throws {TraceError} if an output loses dimensions where the unknown sizes are 1: a model's outputs have a fixed rank */
function checkRanks({ outputs }: Graph, ofOnes: Graph): void {
  for (const [name, { shape }] of Object.entries(outputs)) {
    const rank = ofOnes.outputs[name]?.shape.length ?? shape.length;
    if (rank === shape.length) continue;
    throw new TraceError(
      `output ${name} has rank ${shape.length}, but rank ${rank} where the dynamic dimensions are 1; fix the dimensions, ` +
        "or name the axes if tf.squeeze removes them",
    );
  }
}

/** Gives the unknown dimensions sizes. */
function sizedInputs(
  inputs: Readonly<Record<string, InputSpec>>,
  unknown: readonly UnknownDimension[],
  sizes: readonly number[],
): Record<string, SizedInput> {
  return mapValues(inputs, ({ shape, dtype = "float32" }, name) => ({
    shape: shape.map((size, axis) =>
      size ?? sizes[unknown.findIndex((dimension) => dimension.input === name && dimension.axis === axis)]!
    ),
    dtype,
  }));
}

/** Records a function that may fail at the sizes of its inputs. */
function attempt(
  fn: TensorFunction,
  inputs: Readonly<Record<string, SizedInput>>,
  types: KernelTypes,
  mostElements?: number,
): Attempt<Graph> {
  const kernels: Kernel[] = [];
  try {
    return { result: record(fn, inputs, types, true, kernels, mostElements) };
  } catch (error) {
    if (error instanceof TraceError && !dependsOnSizes(error)) throw error;
    return { kernels: kernels.length, error };
  }
}

/** @param keepFolded also records the kernels that run on constants, whose results may depend on sizes */
function record(
  fn: TensorFunction,
  inputs: Readonly<Record<string, SizedInput>>,
  types: KernelTypes,
  keepFolded: boolean,
  kernels: Kernel[] = [],
  mostElements = Infinity,
): Graph {
  const backend = traceBackend();
  const outer = backend.recording;
  const values: Record<string, Value> = {};
  backend.recording = { kernels, types, keepFolded, mostElements, inputs: values };
  try {
    const outputs: Record<string, Value> = {};
    const run = () =>
      tf.tidy(() => {
        const tensors = mapValues(inputs, (type, name) => backend.tensor(values[name] = withoutElements(type)));
        const results = runOnInputs(fn, tensors);
        for (const [name, tensor] of Object.entries(namedTensors(results))) {
          outputs[name] = backend.viewOf(tensor);
          checkOutput(name, outputs[name]);
        }
      });
    onBackend(
      BACKEND,
      () => withoutProfiling(() => withCorrectedGradients(() => withoutSideEffects(run))),
    );
    // Nobody may wait for the elements that a function asked for.
    if (backend.recording.refusal) throw backend.recording.refusal;
    return { inputs: values, outputs, kernels };
  } finally {
    backend.recording = outer;
  }
}

function checkOutput(name: string, value: Value): void {
  if (!isComplex(value)) return;
  throw new TraceError(
    `output ${name} of a traced function has complex numbers, which ONNX's operators lack; return its tf.real and tf.imag`,
  );
}

interface SizedInput {
  readonly shape: number[];
  readonly dtype: DataType;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, fn: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value, key)]));
}
