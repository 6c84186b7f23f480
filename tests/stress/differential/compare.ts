/**
 * Compares one drawn call: TensorFlow.js's CPU backend computes it, and onnxruntime runs the model that is traced from it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { blockSize } from "../../../engine/block_size.ts";
import {
  type Graph,
  type OnnxOptions,
  type TensorFunction,
  toOnnx,
  trace,
  TraceError,
} from "../../../onnx/internal.ts";
import { useCpu } from "../../support/eager.ts";
import type { HostTensor } from "../../../engine/engine.ts";
import { type Host, runModel } from "./run_model.ts";
import { centralDifferences } from "./central_differences.ts";
import { correctReference } from "./corrected_reference.ts";
import { Draw } from "./draw.ts";
import type { Input } from "./input.ts";
import type { Call, Rule } from "./rule.ts";

await useCpu();
correctReference();

/** A call whose values, and gradients if it has some, agree. */
export interface Comparison {
  readonly is: "equal";
  /** The kernels of the values, and those of the gradients too. */
  readonly kernels: readonly string[];
  readonly allKernels: readonly string[];
  readonly withGradient: boolean;
  readonly withUnknownSizes: boolean;
}

/** The end of a comparison. `invalid`: TensorFlow.js refuses the call. */
export type Outcome =
  | Comparison
  | { readonly is: "refused"; readonly message: string }
  | { readonly is: "invalid"; readonly message: string }
  | { readonly is: "different"; readonly message: string };

type Tensors = Readonly<Record<string, tf.Tensor>>;

const variants: readonly OnnxOptions[] = [
  { opset: 13 },
  { opset: 17 },
  { opset: 18 },
  { opset: 21 },
  { opset: 17, block: await blockSize() },
];

/** Draws the call with a seed and a word and compares its values and gradients, at several sizes of its unknown dimensions. */
export async function compareCall(rule: Rule, seed: number, salt = ""): Promise<Outcome> {
  const draw = new Draw(seed, salt);
  const call = rule(draw);
  const runs = Array.from({ length: draw.hasUnknown ? 3 : 1 }, () => instance(call, draw));
  const options = draw.oneOf(variants);
  const what = () => `${describe(call)}, opset ${options.opset}${options.block ? " blocked" : ""}`;
  let expected: Host[];
  try {
    expected = runs.map((inputs) => reference(values(call), inputs));
  } catch (error) {
    return { is: "invalid", message: `${what()}: ${messageOf(error)}` };
  }
  const gradients = gradientFunction(call, runs, expected);
  const fn: TensorFunction = (inputs) => ({ ...values(call)(inputs), ...gradients?.(inputs) });
  if (gradients) {
    expected = runs.map((inputs, at) => ({ ...expected[at]!, ...gradientReference(call, gradients, inputs) }));
  }
  try {
    const graph = trace(fn, inputSpecs(call));
    const results = await runModel(toOnnx(graph, { ...options, specialValues: call.specialValues }), runs);
    for (const [at, result] of results.entries()) {
      const difference = firstDifference(result, expected[at]!, call);
      if (difference) return { is: "different", message: `${what()}: ${difference} for ${print(runs[at]!)}` };
    }
    const names = ({ kernels }: Graph) => kernels.map(({ name }) => name);
    return {
      is: "equal",
      kernels: gradients ? names(trace(values(call), inputSpecs(call))) : names(graph),
      allKernels: names(graph),
      withGradient: gradients !== undefined,
      withUnknownSizes: draw.hasUnknown,
    };
  } catch (error) {
    if (error instanceof TraceError) return { is: "refused", message: messageOf(error) };
    const hasNoWindow = WITHOUT_WINDOW.test(messageOf(error)) && expected.some(hasEmpty);
    if (hasNoWindow) return { is: "refused", message: "onnxruntime refuses windows larger than the image" };
    return { is: "different", message: `${what()}: ${messageOf(error)}` };
  }
}

/** Errors of onnxruntime, when it runs a model, where TensorFlow.js returns a result without elements. */
const WITHOUT_WINDOW = /Invalid input shape: |output dimension is negative|Tensor shape\.Size\(\) must be >= 0/;

const hasEmpty = (tensors: Host): boolean => Object.values(tensors).some(({ data }) => data.length === 0);

const inputSpecs = ({ inputs }: Call) =>
  Object.fromEntries(inputs.map(({ shape, dtype }, at) => [`x${at}`, {
    shape: shape.map((dim) => typeof dim === "number" ? dim : null),
    dtype,
  }]));

/** Draws sizes for the unknown dimensions, and the elements of every input. */
function instance({ inputs }: Call, draw: Draw): Host {
  const sizes = draw.sizes();
  return Object.fromEntries(inputs.map(({ shape: dims, elements }, at) => {
    const shape = dims.map((dim) => typeof dim === "number" ? dim : sizes[dim]!);
    return [`x${at}`, { shape, data: elements(tf.util.sizeFromShape(shape)) }];
  }));
}

/** The call as a function of named tensors. */
const values = ({ fn }: Call): TensorFunction => (inputs) => named([fn(...Object.values(inputs))].flat(), "y");

const named = <T>(items: readonly T[], prefix: string): Record<string, T> =>
  Object.fromEntries(items.map((item, at) => [`${prefix}${at}`, item]));

/** The gradients of the sum of squares of the float results, if TensorFlow.js has one. */
function gradientFunction(call: Call, runs: readonly Host[], expected: readonly Host[]): TensorFunction | undefined {
  const isFloat = ({ dtype }: Input) => dtype === "float32";
  const results = Object.entries(expected[0]!).filter(([, { data }]) => data instanceof Float32Array);
  if (call.gradient === "none" || !call.inputs.some(isFloat) || results.length === 0) return undefined;
  const isFinite = expected.every((one) => results.every(([name]) => one[name]!.data.every(Number.isFinite)));
  if (call.gradient === "differences" && !isFinite) return undefined;
  const keys = call.inputs.flatMap((input, at) => isFloat(input) ? [`x${at}`] : []);
  const gradients: TensorFunction = (inputs) => {
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const outputs = values(call)({ ...inputs, ...Object.fromEntries(keys.map((key, at) => [key, tensors[at]!])) });
      return tf.addN(results.map(([name]) => tf.sum(tf.square(outputs[name]!)))) as tf.Scalar;
    };
    const derived = tf.grads(loss)(keys.map((key) => inputs[key]!));
    return Object.fromEntries(keys.map((key, at) => [`d${key}`, derived[at]!]));
  };
  // A wrong gradient may run for ever.
  if (call.gradient === "differences") return gradients;
  try {
    for (const inputs of runs) reference(gradients, inputs);
    return gradients;
  } catch {
    return undefined;
  }
}

function gradientReference(call: Call, gradients: TensorFunction, inputs: Host): Host {
  if (call.gradient !== "differences") return reference(gradients, inputs);
  const loss = (inputs: Host) =>
    Object.values(reference(values(call), inputs)).reduce(
      (sum, { data }) => data instanceof Float32Array ? data.reduce((sum, x) => sum + x * x, sum) : sum,
      0,
    );
  return centralDifferences(loss, inputs);
}

/** Computes a function on the CPU. */
function reference(fn: TensorFunction, inputs: Host): Host {
  return tf.tidy(() => {
    const outputs = fn(tensorsOf(inputs));
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [name, {
        shape: tensor.shape,
        // The CPU backend keeps the elements of a cast in the array of the old type.
        data: arrayTypes[tensor.dtype as keyof typeof arrayTypes].from(tensor.dataSync()),
      }]),
    );
  });
}

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

const dtypes = { Float32Array: "float32", Int32Array: "int32", Uint8Array: "bool" } as const;
const dtypeOf = (data: HostTensor["data"]) => dtypes[data.constructor.name as keyof typeof dtypes];

const tensorsOf = (inputs: Host): Tensors =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape], dtypeOf(data))]),
  );

function firstDifference(actual: Host, expected: Host, call: Call): string | undefined {
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const got = actual[name];
    if (!got) return `no output ${name}`;
    if (`${got.shape}` !== `${shape}`) return `${name} has shape [${got.shape}], want [${shape}]`;
    if (dtypeOf(got.data) !== dtypeOf(data)) return `${name} is ${dtypeOf(got.data)}, want ${dtypeOf(data)}`;
    const isNumeric = name.startsWith("dx") && call.gradient === "differences";
    const tolerance = (isNumeric ? 2e-2 : (call.tolerance ?? 1e-5) * (name.startsWith("dx") ? 4 : 1)) *
      (call.isSum || isNumeric ? largest(data) : 1);
    for (let at = 0; at < data.length; at++) {
      if (!isClose(got.data[at]!, data[at]!, tolerance)) {
        return `${name}[${at}] is ${got.data[at]}, want ${data[at]} in ${list(data)}, got ${list(got.data)}`;
      }
    }
  }
  return undefined;
}

/** The largest finite number, or 1: sums of large numbers have the errors of these. */
const largest = (data: ArrayLike<number>) =>
  Array.from(data).reduce((most, x) => Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most, 1);

const isClose = (got: number, want: number, tolerance: number): boolean =>
  Object.is(got, want) || got === want || Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));

const list = (data: ArrayLike<number>) =>
  `[${Array.from(data).slice(0, 12).join(" ")}${data.length > 12 ? " ..." : ""}]`;

const print = (inputs: Host) =>
  Object.entries(inputs).map(([name, { shape, data }]) => `${name} [${shape}] ${list(data)}`).join(", ");

const describe = ({ inputs, attributes }: Call) =>
  `${inputs.map(({ shape, dtype }) => `${dtype}[${shape}]`).join(", ")} ${
    attributes ? JSON.stringify(attributes) : ""
  }`;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 400);
