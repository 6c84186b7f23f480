import * as tf from "@tensorflow/tfjs";
import { fromBinary } from "@bufbuild/protobuf";
import assert from "#assert";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { reductionLowerings } from "../../../onnx/lowerings/reduction.ts";
import {
  blockedCase,
  convolvedCase,
  image,
  specialCase,
  specialNumbers,
  testCase,
  testLowerings,
  typedCase,
} from "../../support/lowering_cases.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const extremeIndices = (x: tf.Tensor) => [0, 1].flatMap((axis) => [tf.argMax(x, axis), tf.argMin(x, axis)]);

testLowerings(Object.keys(reductionLowerings), {
  "All": typedCase("bool", (x) => [tf.all(x!), tf.all(x!, 1), tf.all(x!, [0, -1], true)], [null, 3, 2]),
  "All and Any of no axes": typedCase("bool", (x) => [tf.all(x!, []), tf.any(x!, [])], [2, 3]),
  "Any of nothing": typedCase("bool", (x) => [tf.any(x!), tf.any(x!, 0)], [0, 3]),
  "Any": typedCase("bool", (x) => [tf.any(x!), tf.any(x!, 1), tf.any(x!, [0, -1], true)], [null, 3, 2]),
  "Prod": testCase((x) => [tf.prod(x!), tf.prod(x!, 1), tf.prod(x!, [0, -1], true)], [null, 3, 2]),
  "Prod of int32, bool and nothing": {
    ...testCase((x, y, z) => [tf.prod(x!, 1), tf.prod(y!), tf.prod(z!)], [3, 4], [3], [0]),
    dtypes: ["int32", "bool"],
  },
  "Prod of special numbers": specialCase((x) => tf.prod(tf.reshape(x!, [9, 2]), 1)),
  "Prod's gradient": testCase(
    (x) => [0, 1, [0, 2]].map((axis) => tf.grad((x) => tf.square(tf.prod(x, axis)))(x!)),
    [2, 3, 4],
  ),
  "ArgMax": testCase((x) => tf.argMax(x!, -1), [3, 4]),
  "ArgMin": testCase((x) => tf.argMin(x!, 0), [3, 4]),
  "ArgMax and ArgMin of special numbers": specialCase((x) => [
    ...extremeIndices(tf.reshape(x!, [6, 3])),
    tf.argMax(x!),
    tf.argMin(x!),
  ]),
  "ArgMax and ArgMin of special numbers along an unknown axis": {
    ...testCase((x) => extremeIndices(x!), [null, 3]),
    elements: [specialNumbers],
  },
  "ArgMax and ArgMin of bool": typedCase("bool", (x) => extremeIndices(x!), [3, 4]),
  "Max over channels": testCase((x) => tf.max(x!, [3]), image),
  "Mean over the image of a convolution": convolvedCase((y) => tf.mean(y, [1, 2])),
  "Mean over everything but channels, dimensions kept": convolvedCase((y) => tf.mean(y, [0, 1, 2], true)),
  "Mean leaves rows and channels in their order": convolvedCase((y) => tf.mean(y, [2])),
  "Min": testCase((x) => tf.min(x!, 0), [3, 4]),
  "Softmax": testCase((x) => tf.softmax(x!), [3, 4]),
  "tf.logSoftmax, which calls other kernels": testCase((x) => tf.logSoftmax(x!), [3, 4]),
  "Sum over rows": testCase((x) => tf.sum(x!, 1), [3, 4]),
  "Sum's gradient": testCase((x) => tf.grad((x) => tf.square(tf.sum(x, [1, 2])))(x!), image),
  "reductions of a blocked image": blockedCase((y) => [
    ...[[0, 1, 2], [1, 2], [0], [2], [0, 1, 2, 3], [0, 3]].map((axes) => tf.sum(y, axes)),
    ...[[1, 2], [0, 1, 2], [3]].map((axes) => tf.mean(y, axes, true).add(y)),
    tf.max(y, [1, 2]),
  ]),
});

Deno.test("the sum of an image of one pixel over pixels and batch reduces the batch alone", () => {
  const image = { shape: [2, 4, 4, 16] }, filter = { shape: [4, 4, 16, 16] };
  const model = toOnnx(
    trace(({ x, f }) => {
      const y = tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "valid");
      return { y: tf.sum(y, [0, 1, 2]) };
    }, { x: image, f: filter }),
    { block: 16 },
  );
  const sums = fromBinary(ModelProtoSchema, model).graph!.node.filter(({ opType }) => opType === "ReduceSum");
  assert.equal(sums.length, 1);
});

Deno.test("all of no elements is true; TensorFlow.js says false", async () => {
  const model = toOnnx(trace(({ x }) => ({ y: tf.all(x!, 0) }), { x: { shape: [0, 2], dtype: "bool" } }));
  const { y } = await runOnnx(model, { x: { shape: [0, 2], data: new Uint8Array(), dtype: "bool" } });
  assert.deepEqual([...y!.data], [1, 1]);
});

Deno.test("a NaN wins in the first place of an axis and loses in any other", async () => {
  const rows = [[NaN, 5, 2], [1, NaN, 5], [-Infinity, NaN, NaN], [Infinity, NaN, Infinity], [NaN, NaN, NaN]];
  const find = ({ x }: Record<string, tf.Tensor>) => ({ largest: tf.argMax(x!, 1), smallest: tf.argMin(x!, 1) });
  const model = toOnnx(trace(find, { x: { shape: [null, 3] } }));
  const { largest, smallest } = await runOnnx(model, { x: { shape: [5, 3], data: Float32Array.from(rows.flat()) } });
  assert.deepEqual([...largest!.data], [0, 2, 0, 0, 0]);
  assert.deepEqual([...smallest!.data], [0, 0, 0, 0, 0]);
});
