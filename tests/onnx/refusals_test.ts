/** Functions that TensorFlow.js computes, or would at some sizes, and that no model computes: each is refused in one sentence. */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { type TensorFunction, toOnnx, trace } from "../../onnx/internal.ts";
import { graphFlop } from "../../onnx/graph/count_flop.ts";
import { traceModel } from "../../onnx/mod.ts";
import type { InputSpec } from "../../onnx/trace/trace.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

type Inputs = Readonly<Record<string, InputSpec>>;

interface Refused {
  readonly fn: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor | tf.NamedTensorMap;
  readonly x: InputSpec;
  readonly y?: InputSpec;
  readonly says: string;
}

const floats = (...shape: (number | null)[]): InputSpec => ({ shape });
const integers = (...shape: (number | null)[]): InputSpec => ({ shape, dtype: "int32" });
const flags = (...shape: (number | null)[]): InputSpec => ({ shape, dtype: "bool" });

const image = (x: tf.Tensor) => x as tf.Tensor4D;
const filter = tf.ones<tf.Rank.R4>([3, 3, 2, 1]);

const refused: Readonly<Record<string, Refused>> = {
  "a constant string": {
    fn: () => tf.tensor1d(["a"]),
    x: floats(1),
    says: "a traced function uses a constant of type string; cast it to float32, int32 or bool",
  },
  "a window that is larger than the image at every size": {
    fn: (x) => tf.maxPool(image(x), [x.shape[1]! + 1, 1], 1, "valid"),
    x: floats(1, null, null, 1),
    says: "tf.maxPool has windows larger than the image; make them smaller",
  },
  "a strided slice of elements that only large sizes have": {
    fn: (x) => tf.stridedSlice(x, [5000], [6000], [1]),
    x: floats(null),
    says: "tf.stridedSlice takes elements only at some sizes of a dynamic dimension; fix the dimension",
  },
  "tensors that match at no size": {
    fn: (x, y) => tf.add(tf.slice(x, 0, 3), y),
    x: floats(null),
    y: floats(2),
    says:
      "a traced function fails at every size that is tried, such as 7 for dimension 0 of x (Operands could not be broadcast together with shapes 3 and 2.); correct it, or fix the dimensions if it needs certain sizes",
  },
  "a depthwise convolution of unknown channels": {
    fn: (x, y) => tf.depthwiseConv2d(image(x), image(y), 1, "same"),
    x: floats(1, 5, 5, null),
    y: floats(3, 3, null, 1),
    says: "tf.depthwiseConv2d of an unknown number of channels; fix the dimension of the channels",
  },
  "the gradient of pooling in three dimensions of unknown sides": {
    fn: (x) => tf.grad((x) => tf.maxPool3d(x as tf.Tensor5D, 2, 1, "valid"))(x),
    x: floats(1, null, 4, 4, 1),
    says: "the gradient of tf.maxPool3d of unknown sides; fix their sizes",
  },
  "places of maxima where padding is a window": {
    fn: (x) => tf.maxPoolWithArgmax(image(x), 2, 1, 2) as unknown as tf.NamedTensorMap,
    x: floats(1, 4, 4, 1),
    says: "tf.maxPoolWithArgmax with padding as large as its window; pad less",
  },
  "a stride above the window in three dimensions of an unknown side": {
    fn: (x) => tf.avgPool3d(x as tf.Tensor5D, 1, 2, "same"),
    x: floats(1, null, 4, 4, 1),
    says: "tf.avgPool3d of an unknown size has a stride above its window; fix the sizes",
  },
  "a convolution of no channels of unknown sides": {
    fn: (x) => tf.conv2d(image(x), tf.ones([3, 3, 0, 1]) as tf.Tensor4D, 1, "same"),
    x: floats(1, null, null, 0),
    says: "tf.conv2d reads an image without elements and of unknown size; fix the sizes",
  },
  "a sum over segments of ids of another length": {
    fn: (x, y) => tf.unsortedSegmentSum(x, tf.cast(y, "int32") as tf.Tensor1D, 4),
    x: floats(3, 2),
    y: integers(2),
    says: "tf.unsortedSegmentSum of [3,2] with [2] ids; give one id for each part of axis 0",
  },
  "a rotation of unknown sides": {
    fn: (x) => tf.image.rotateWithOffset(image(x), 1),
    x: floats(1, null, 4, 3),
    says: "tf.image.rotateWithOffset of an image of unknown sides; fix their sizes",
  },
  "a dilation of integers": {
    fn: (x) => tf.dilation2d(image(x), tf.ones([2, 2, 1], "int32") as tf.Tensor3D, 1, "same"),
    x: integers(1, 4, 4, 1),
    says: "tf.dilation2d of int32; cast it to float32",
  },
  "a dilation of unknown sides": {
    fn: (x) => tf.dilation2d(image(x), tf.ones([2, 2, 1]), 1, "same"),
    x: floats(1, 4, null, 1),
    says: "tf.dilation2d of an image of unknown sides; fix their sizes",
  },
  "a sum of several booleans": {
    fn: (x, y) => tf.addN([x, y]),
    x: flags(2),
    y: flags(2),
    says: "tf.addN of bool makes numbers other than 0 and 1; cast the tensors to int32",
  },
  "a filter of unknown sides": {
    fn: (x, y) => tf.conv2d(image(x), y as tf.Tensor4D, 1, "same"),
    x: floats(1, 4, 4, 2),
    y: floats(null, null, 2, 1),
    says: "tf.conv2d has a filter of unknown height or width; fix these dimensions",
  },
  "a slice that ends behind its tensor": {
    fn: (x) => tf.slice(x, [1, 0], [2, 4]),
    x: floats(4, 3),
    says: "tf.slice of [4,3] from [1,0] of size [2,4] ends outside of dimension 1; make it smaller",
  },
  "smoothed labels of integers": {
    fn: (x) => tf.oneHot(x, 3, 0.9, 0.05),
    x: integers(2),
    says:
      'tf.oneHot of int32 has the values 0.9 and 0.05, which TensorFlow.js\'s backends round or keep; pass "float32" as its type',
  },
  "an angle of integers": {
    fn: (x, y) => tf.atan2(x, y),
    x: integers(2),
    y: integers(2),
    says: "tf.atan2 of int32 or bool drops the fraction of the angle; cast its inputs to float32",
  },
  "numbers that are joined to booleans": {
    fn: (x, y) => tf.concat([x, y]),
    x: flags(2),
    y: floats(2),
    says: "tensors of float32 and bool are joined to bool; cast them to one type first",
  },
  "batch norm of integers": {
    fn: (x) => tf.batchNorm(x, tf.ones([3]), tf.ones([3])),
    x: integers(2, 3),
    says: "tf.batchNorm of int32 has no fractions; cast it to float32",
  },
  "batch norm with statistics of another axis": {
    fn: (x) => tf.batchNorm(x, tf.ones([2]), tf.ones([2])),
    x: floats(1, 1, 2, 3),
    says: "tf.batchNorm of [1,1,2,3] with mean [2]; give one of each channel",
  },
  "einsum of several types": {
    fn: (x, y) => tf.einsum("i,i->", x, y),
    x: floats(2),
    y: integers(2),
    says: "tf.einsum of bool or of several types; cast the operands to one type of number",
  },
  "indices of unknown length": {
    fn: (x, y) => tf.gatherND(x, y),
    x: floats(4, 4),
    y: integers(3, null),
    says:
      "output z has rank 1, but rank 2 where the dynamic dimensions are 1; fix the dimensions, or name the axes if tf.squeeze removes them",
  },
  "a step of booleans": {
    fn: (x) => tf.step(x, 2.5),
    x: flags(2),
    says: "tf.step of bool with alpha 2.5 makes numbers other than 0 and 1; cast x to float32",
  },
};

for (const [what, { fn, x, y = floats(1), says }] of Object.entries(refused)) {
  Deno.test(`${what} is refused`, () => {
    const named: TensorFunction = ({ x, y }) => {
      const result = fn(x!, y!);
      return result instanceof tf.Tensor ? { z: result } : result;
    };
    const inputs: Inputs = { x, y };
    assert.throws(() => toOnnx(trace(named, inputs)), { name: "TraceError", message: says });
  });
}

Deno.test("a model's input of strings is refused", () => {
  const input = tf.input({ shape: [2], dtype: "string", name: "words" });
  assert.throws(() => traceModel(tf.model({ inputs: input, outputs: input })), {
    name: "TraceError",
    message: "input words of the model is of type string; a traced input is float32, int32 or bool",
  });
});

Deno.test("operations of unknown sizes are not counted", () => {
  const graph = trace(({ x }) => ({ y: tf.conv2d(image(x!), filter, 1, "same") }), { x: floats(null, 4, 4, 2) });
  assert.throws(() => graphFlop(graph), {
    name: "TraceError",
    message: "the operations of Conv2D cannot be counted: trace the function with fixed sizes",
  });
});

Deno.test("an input of too many unknown dimensions is refused", () => {
  assert.throws(() => trace(({ x }) => ({ y: tf.neg(x!) }), { x: { shape: Array(7).fill(null) } }), {
    name: "TraceError",
    message: "a traced function has too many dynamic dimensions; fix some of them",
  });
});
