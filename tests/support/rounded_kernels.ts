/**
 * Rounding to float32, modelled on TensorFlow.js's CPU backend: each kernel's result is moved as far as float32 arithmetic may.
 *
 * A sum of n products in any order is within
 *
 *     lambda sqrt(n) u sum |a| |b|        u = 2^-24
 *
 * of the exact one, but for a probability that falls as exp(-lambda^2 / 2) (N. J. Higham, T. Mary: A New Approach to
 * Probabilistic Rounding Error Analysis, SIAM Journal on Scientific Computing 41, 2019, theorem 2.4). Here every element of
 * such a sum is moved by a random number between -1 and 1 times the bound of lambda 1, and of other arithmetic by one
 * rounding. The sum over |a| |b| is the same kernel, of absolute values.
 */
import * as tf from "@tensorflow/tfjs";
import { ROUNDING } from "./equal_runs.ts";
import { uniformNumbers } from "./random_tensors.ts";

const SUMS = [
  "Conv2D",
  "Conv2DBackpropFilter",
  "Conv2DBackpropInput",
  "BatchMatMul",
  "Sum",
  "Mean",
  "AvgPool",
  "AvgPoolGrad",
];
/** Kernels of one operation for each element, or of a few. */
const ELEMENTWISE = [
  ...["Add", "AddN", "Sub", "Multiply", "RealDiv", "Pow", "Maximum", "Minimum", "SquaredDifference"],
  ...["Square", "Sqrt", "Rsqrt", "Exp", "Log", "Softmax", "LogSoftmax", "Reciprocal"],
];

interface CpuBackend extends tf.KernelBackend {
  makeTensorInfo(shape: readonly number[], dtype: string, values: Float32Array): tf.TensorInfo;
}

type Kernel = (args: Parameters<tf.KernelFunc>[0]) => tf.TensorInfo;

/** Numbers of terms of the elements of a kernel's result, by kernel, shapes and attributes. */
const termsOf = new Map<string, Float32Array>();

let next: (() => number) | undefined;

/** Moves all results from now on by numbers of a seed; undefined moves none. */
export function roundKernels(seed: number | undefined): void {
  next = seed === undefined ? undefined : uniformNumbers(seed);
}

for (const name of [...SUMS, ...ELEMENTWISE]) {
  const kernel = tf.getKernel(name, "cpu");
  if (!kernel) continue;
  const exact = kernel.kernelFunc as unknown as Kernel;
  tf.unregisterKernel(name, "cpu");
  tf.registerKernel({
    ...kernel,
    kernelFunc: ((args: Parameters<Kernel>[0]) => {
      const output = exact(args);
      if (next && output.dtype === "float32") move(name, exact, args, output);
      return output;
    }) as unknown as tf.KernelFunc,
  });
}

function move(name: string, exact: Kernel, args: Parameters<Kernel>[0], output: tf.TensorInfo): void {
  const backend = args.backend as CpuBackend, inputs = Object.values(args.inputs) as tf.TensorInfo[];
  // A sum over no axis is its input.
  if (inputs.some(({ dataId }) => dataId === output.dataId)) return;
  const values = backend.readSync(output.dataId) as Float32Array, draw = next!;
  const sizes = SUMS.includes(name) ? sumOfSizes(name, exact, args, values.length) : values;
  for (let at = 0; at < values.length; at++) values[at]! += ROUNDING * Math.abs(sizes[at]!) * (2 * draw() - 1);
}

/** Computes sqrt(n) sum |a| |b| of every element. */
function sumOfSizes(name: string, exact: Kernel, args: Parameters<Kernel>[0], count: number): Float32Array {
  const backend = args.backend as CpuBackend;
  const of = (fn: (value: number) => number) => {
    const inputs = Object.fromEntries(
      Object.entries(args.inputs as unknown as Readonly<Record<string, tf.TensorInfo>>).map((
        [key, { shape, dtype, dataId }],
      ) => [
        key,
        backend.makeTensorInfo(shape, dtype, (backend.readSync(dataId) as Float32Array).map(fn)),
      ]),
    );
    const output = exact({ ...args, inputs } as Parameters<Kernel>[0]);
    const values = (backend.readSync(output.dataId) as Float32Array).slice();
    for (const { dataId } of new Set([...Object.values(inputs), output])) backend.disposeData(dataId);
    return values;
  };
  const shapes = (Object.values(args.inputs) as tf.TensorInfo[]).map(({ shape }) => shape);
  const key = JSON.stringify([name, shapes, args.attrs]);
  // A mean of ones is 1, however many they are.
  const countTerms = () =>
    name === "Mean" ? new Float32Array(count).fill(tf.util.sizeFromShape(shapes[0]!) / count) : of(() => 1);
  const terms = termsOf.get(key) ?? countTerms();
  termsOf.set(key, terms);
  return of(Math.abs).map((size, at) => size * Math.sqrt(Math.max(1, terms[at]!)));
}
