import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { trace } from "../../../onnx/trace/trace.ts";

const infer = () => ({ shape: [2, 2], dtype: "float32" as const });
const traced = (fn: (x: tf.Tensor) => tf.Tensor) => () =>
  trace(({ x }) => ({ y: fn(x!) }), { x: { shape: [2, 2] } }, { PadV2: { infer }, Pow: { infer } });

Deno.test("an error names the function that was called, the kernel and the nearest supported one", () => {
  assert.throws(traced((x) => tf.mirrorPad(x, [[1, 1], [0, 0]], "reflect")), {
    message:
      "tf.mirrorPad cannot be traced, since it has no lowering to ONNX (kernel MirrorPad); the nearest supported kernel is PadV2",
  });
});

Deno.test("a function of a part of TensorFlow.js has its whole name", () => {
  const flipped = () =>
    trace(({ x }) => ({ y: tf.image.flipLeftRight(x as tf.Tensor4D) }), { x: { shape: [1, 2, 2, 3] } }, {
      PadV2: { infer },
    });
  assert.throws(flipped, /^TraceError: tf\.image\.flipLeftRight cannot be traced/);
});

Deno.test("the kernel of a gradient has the name of the function that it is the gradient of", () => {
  const pooled = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid");
  const types = { MaxPool: { infer: () => ({ shape: [1, 1, 1, 3], dtype: "float32" as const }) } };
  const dy = tf.ones([1, 1, 1, 3]);
  assert.throws(
    () => trace(({ x }) => ({ dx: tf.grad(pooled)(x!, dy) }), { x: { shape: [1, 2, 2, 3] } }, types),
    /^TraceError: the gradient of tf\.maxPool cannot be traced.* the nearest supported kernel is MaxPool$/,
  );
});

Deno.test("what ONNX cannot express has a reason and an alternative", () => {
  assert.throws(traced((x) => tf.unique(x).values), {
    message:
      "tf.unique cannot be traced, since the size of the result depends on the elements of the input (kernel Unique); use tf.topk",
  });
});
