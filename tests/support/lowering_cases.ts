/**
 * Compares lowerings with the kernels of TensorFlow.js's CPU backend: a function is computed there, and traced, written and run
 * by onnxruntime.
 */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { blockSize } from "../../engine/block_size.ts";
import {
  type DataType,
  type Graph,
  lowerings,
  type OnnxOptions,
  type TensorFunction,
  toOnnx,
  trace,
} from "../../onnx/internal.ts";
import type { HostArray } from "../../onnx/graph/graph.ts";
import { assertClose } from "./assert_close.ts";
import { useCpu } from "./eager.ts";
import { randomArray } from "./random_tensors.ts";
import { runOnnx } from "./run_onnx.ts";

await useCpu();

type Fn = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** A function, and the shapes of its inputs. */
export interface Case {
  readonly fn: Fn;
  /** A size of `null` is unknown in the model, which then runs at several sizes. */
  readonly shapes: readonly (readonly (number | null)[])[];
  /** Types of the inputs; default float32. */
  readonly dtypes?: readonly DataType[];
  /** Maps the inputs' numbers, which lie in [-1, 1). Default: int32 lies in [-9, 9], a positive number is true. */
  readonly from?: (x: number) => number;
  /** Elements of the inputs, in place of random ones; they repeat. */
  readonly elements?: readonly (readonly number[] | undefined)[];
  /** Default: fast. */
  readonly specialValues?: OnnxOptions["specialValues"];
  /** The oldest opset that has the operators; default 13. In an older one the case is refused. */
  readonly opset?: number;
}

/** A shape of images: sides that differ, an odd one, channels that fill no block. */
export const image = [2, 6, 5, 3];

export const testCase = (fn: Fn, ...shapes: (number | null)[][]): Case => ({ fn, shapes });

/** A case with inputs of one type. */
export const typedCase = (dtype: DataType, fn: Fn, ...shapes: (number | null)[][]): Case => ({
  fn,
  shapes,
  dtypes: shapes.map(() => dtype),
});

/** Numbers at which functions are special. */
export const specialNumbers = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
  1,
  -1,
  3,
  -3,
  1e-7,
  -1e-7,
  7,
  -7,
];

/** A case of one float32 input that holds special numbers. */
export const specialCase = (fn: Fn): Case => ({ fn, shapes: [[specialNumbers.length]], elements: [specialNumbers] });

/** A case of all pairs of special numbers. */
export const specialPairs = (fn: Fn): Case => ({
  fn,
  shapes: [[specialNumbers.length, 1], [specialNumbers.length]],
  elements: [specialNumbers, specialNumbers],
});

/** A case whose inputs are above 0.5. */
export const positiveCase = (fn: Fn, ...shapes: number[][]): Case => ({ fn, shapes, from: (x) => x + 1.5 });

/** A convolution with stride 1 that keeps the sides. */
export const convolve = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor4D =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same");

/** A function of the result of a convolution, which is channels-first in the ONNX graph, and of more inputs. */
export const convolvedCase = (
  fn: (y: tf.Tensor4D, x: tf.Tensor, ...others: tf.Tensor[]) => tf.Tensor,
  ...shapes: number[][]
) => testCase((x, filter, ...others) => fn(convolve(x!, filter!), x!, ...others), image, [3, 3, 3, 4], ...shapes);

/** A function of the result of a convolution whose channels fill onnxruntime's blocks, of its image, and of three inputs. */
export const blockedCase = (
  fn: (y: tf.Tensor4D, x: tf.Tensor4D, ...numbers: tf.Tensor[]) => tf.Tensor | tf.Tensor[],
): Case => ({
  fn: (x, filter, ...numbers) => fn(convolve(x!, filter!), x as tf.Tensor4D, ...numbers),
  shapes: [[2, 4, 3, 32], [3, 3, 32, 32], [32], [32], [2, 1, 1, 1]],
  from: (x) => x / 4,
});

/**
 * Axes of reductions moved in opset 18; with a cache of a few bytes every image is a part of its own; with a block images
 * are blocked where their channels allow it.
 */
const variants: Readonly<Record<string, OnnxOptions>> = {
  "opset 13": { opset: 13 },
  "opset 18": { opset: 18, cacheBytes: 64 },
  "opset 17, for this machine": { opset: 17, block: await blockSize() },
};

/**
 * Defines a test for every case and variant, and one that the cases lower every one of some kernels.
 *
 * @param kernels those that the tested file lowers
 */
export function testLowerings(kernels: readonly string[], cases: Readonly<Record<string, Case>>): void {
  for (const [name, tested] of Object.entries(cases)) {
    for (const [variant, options] of Object.entries(variants)) {
      Deno.test(`${name} (${variant})`, () => compare(tested, options));
    }
  }
  Deno.test(`the cases lower ${kernels.join(", ")}`, () => {
    const missing = Object.values(variants).reduce((missing, options) => {
      if (missing.length === 0) return missing;
      const lowered = loweredKernels(() => {
        const written = Object.values(cases).filter(({ opset = 13 }) => options.opset! >= opset);
        for (const tested of written) toOnnx(traced(tested), options);
      });
      return missing.filter((kernel) => !lowered.has(kernel));
    }, kernels);
    assert.deepEqual(missing, []);
  });
}

/** The sizes at which unknown dimensions are run. */
const SIZES = [4, 1, 7];

async function compare(tested: Case, options: OnnxOptions): Promise<void> {
  const { shapes, opset = 13, specialValues } = tested, graph = traced(tested);
  if (options.opset! < opset) {
    assert.throws(() => toOnnx(graph, options), /^TraceError: opset \d+ cannot express .*; choose opset \d+ or later/);
    return;
  }
  const model = toOnnx(graph, { ...options, specialValues });
  for (const size of shapes.flat().includes(null) ? SIZES : [0]) await compareAt(tested, size, model);
}

async function compareAt({ fn, shapes, dtypes = [], from, elements = [] }: Case, size: number, model: Uint8Array) {
  const host = shapes.map((dims, at) => {
    const shape = dims.map((dim) => dim ?? size), dtype = dtypes[at] ?? "float32";
    return { shape, dtype, data: hostData(shape, dtype, elements[at], from, at + 1) };
  });
  const expected = wrapped(fn)(named(host.map(({ shape, dtype, data }) => tf.tensor(data, shape, dtype))));
  const actual = await runOnnx(model, named(host));
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [key, tensor] of Object.entries(expected)) {
    const { shape, data } = actual[key]!;
    assert.deepEqual(shape, tensor.shape);
    assert.equal(data.constructor, arrayTypes[tensor.dtype as DataType], `${key} is ${tensor.dtype}`);
    assertClose(data, tensor.dataSync(), 1e-5, key);
  }
}

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

const numberOfType: Readonly<Record<DataType, (x: number) => number>> = {
  float32: (x) => x,
  int32: (x) => Math.trunc(10 * x),
  bool: (x) => x > 0 ? 1 : 0,
};

function hostData(
  shape: readonly number[],
  dtype: DataType,
  elements: readonly number[] | undefined,
  from = numberOfType[dtype],
  seed: number,
): HostArray {
  const random = randomArray(shape, seed);
  return arrayTypes[dtype].from([...random].map((x, at) => elements ? elements[at % elements.length]! : from(x)));
}

const wrapped = (fn: Fn): TensorFunction => (inputs) => named([fn(...Object.values(inputs))].flat(), "y");

const graphs = new WeakMap<Case, Graph>();

/** Traces a case, once for all variants. */
function traced(tested: Case): Graph {
  const known = graphs.get(tested);
  if (known) return known;
  const { fn, shapes, dtypes = [] } = tested;
  const graph = trace(wrapped(fn), named(shapes.map((shape, at) => ({ shape, dtype: dtypes[at] ?? "float32" }))));
  graphs.set(tested, graph);
  return graph;
}

const named = <T>(items: readonly T[], prefix = "x"): Record<string, T> =>
  Object.fromEntries(items.map((item, at) => [`${prefix}${at}`, item]));

/** The names of the kernels that are lowered while a function runs. */
function loweredKernels(run: () => void): ReadonlySet<string> {
  const seen = new Set<string>();
  const originals = Object.entries(lowerings).map(([name, lowering]) => {
    const { lower } = lowering;
    lowering.lower = (kernel, scope) => {
      seen.add(name);
      lower(kernel, scope);
    };
    return { lowering, lower };
  });
  try {
    run();
  } finally {
    for (const { lowering, lower } of originals) lowering.lower = lower;
  }
  return seen;
}
