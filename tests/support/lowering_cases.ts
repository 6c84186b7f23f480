/**
 * Compares lowerings with the kernels of TensorFlow.js's CPU backend: a function is computed there, and traced, written and run
 * by onnxruntime.
 */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { blockSize } from "../../engine/block_size.ts";
import { lowerings, type OnnxOptions, type TensorFunction, toOnnx, trace } from "../../onnx/internal.ts";
import { assertClose } from "./assert_close.ts";
import { useCpu } from "./eager.ts";
import { randomArray } from "./random_tensors.ts";
import { runOnnx } from "./run_onnx.ts";

await useCpu();

type Fn = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** A function, and the shapes of its float32 inputs. */
export interface Case {
  readonly fn: Fn;
  readonly shapes: readonly (readonly number[])[];
  /** Maps the inputs' numbers, which lie in [-1, 1). */
  readonly from?: (x: number) => number;
}

/** A shape of images: sides that differ, an odd one, channels that fill no block. */
export const image = [2, 6, 5, 3];

export const testCase = (fn: Fn, ...shapes: number[][]): Case => ({ fn, shapes });

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
    const lowered = loweredKernels(() => {
      for (const { fn, shapes } of Object.values(cases)) {
        for (const options of Object.values(variants)) toOnnx(traced(fn, shapes), options);
      }
    });
    assert.deepEqual(kernels.filter((kernel) => !lowered.has(kernel)), []);
  });
}

async function compare({ fn, shapes, from = (x) => x }: Case, options: OnnxOptions): Promise<void> {
  const host = shapes.map((shape, at) => ({ shape, data: randomArray(shape, at + 1).map(from) }));
  const expected = wrapped(fn)(named(host.map(({ shape, data }) => tf.tensor(data, [...shape]))));
  const actual = await runOnnx(toOnnx(traced(fn, shapes), options), named(host));
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [key, tensor] of Object.entries(expected)) {
    assert.deepEqual(actual[key]!.shape, tensor.shape);
    assertClose(actual[key]!.data, tensor.dataSync(), 1e-5, key);
  }
}

const wrapped = (fn: Fn): TensorFunction => (inputs) => named([fn(...Object.values(inputs))].flat(), "y");

const traced = (fn: Fn, shapes: Case["shapes"]) => trace(wrapped(fn), named(shapes.map((shape) => ({ shape }))));

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
