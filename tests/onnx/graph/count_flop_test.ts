import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { initialise } from "../../../model/initialise.ts";
import { shakeNet } from "../../../model/shakenet.ts";
import { initialState, trainingStep } from "../../../model/training_step.ts";
import { graphFlop } from "../../../onnx/graph/count_flop.ts";
import { TraceError } from "../../../onnx/graph/trace_error.ts";
import { trace } from "../../../onnx/to_onnx.ts";

Deno.test("a matrix product of [a, b] and [b, c] is 2 a b c operations, and each of its gradients as many", () => {
  const graph = trace(({ x, w }) => {
    const product = (x: tf.Tensor, w: tf.Tensor) => tf.sum(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));
    const { grads } = tf.valueAndGrads(product as (...args: tf.Tensor[]) => tf.Scalar)([x!, w!]);
    return { product: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), dx: grads[0]!, dw: grads[1]! };
  }, { x: { shape: [5, 7] }, w: { shape: [7, 3] } });
  assert.equal(graphFlop(graph), 3 * 2 * 5 * 7 * 3);
});

Deno.test("a convolution and both of its gradients are as many operations as each other", () => {
  const count = (outputs: "y" | "dx" | "dw") =>
    graphFlop(trace(({ x, w }) => {
      const convolve = (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same");
      if (outputs === "y") return { y: convolve(x!, w!) };
      const sum = (x: tf.Tensor, w: tf.Tensor) => tf.sum(convolve(x, w));
      const { grads } = tf.valueAndGrads(sum as (...args: tf.Tensor[]) => tf.Scalar)([x!, w!]);
      return { y: outputs === "dx" ? grads[0]! : grads[1]! };
    }, { x: { shape: [2, 9, 8, 3] }, w: { shape: [3, 3, 3, 4] } }));
  // 2 images of 5 x 4 pixels of 4 filters, each of 3 x 3 x 3 products.
  for (const outputs of ["y", "dx", "dw"] as const) assert.equal(count(outputs), 2 * (2 * 5 * 4 * 4) * 27);
});

Deno.test("sizes that are not fixed are refused", () => {
  const graph = trace(({ x, w }) => ({ y: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D) }), {
    x: { shape: [null, 7] },
    w: { shape: [7, 3] },
  });
  assert.throws(() => graphFlop(graph), TraceError);
});

/** GFLOP of training one image of 32 x 32, to two digits. */
const trained = [[8, 16, 0.145], [14, 16, 0.32], [26, 16, 0.66], [8, 32, 0.52], [14, 32, 1.2], [26, 32, 2.56]] as const;

/** Products of a forward pass, from the network's layers (Gastaldi 2017, table 6, and the skip connections of its code). */
function products(depth: number, width: number) {
  let inputs = 16, total = 0;
  for (let stage = 0; stage < 3; stage++) {
    const filters = width * 2 ** stage, pixels = (32 / 2 ** stage) ** 2;
    for (let block = 0; block < (depth - 2) / 6; block++) {
      total += 2 * pixels * 9 * filters * (inputs + filters);
      if (inputs !== filters) total += pixels * inputs * filters;
      inputs = filters;
    }
  }
  return { stem: 32 * 32 * 27 * 16, blocks: total, dense: inputs * 10 };
}

for (const [depth, width, expected] of trained) {
  Deno.test(`a training image of ${depth} 2x${width}d is ${expected} GFLOP: three times the forward pass`, () => {
    const net = shakeNet({ depth, width, branches: 2, classes: 10 });
    const state = initialState(net, initialise(net.variables, () => () => 0.5));
    const factors = { shape: [net.blocks.length, 2, 1] };
    const graph = trace(trainingStep(net, { momentum: 0.9, weightDecay: 1e-4 }), {
      ...Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, { shape }])),
      images: { shape: [1, 32, 32, 3] },
      labels: { shape: [1], dtype: "int32" },
      alpha: factors,
      beta: factors,
      learningRate: { shape: [] },
    });
    const flop = graphFlop(graph), { stem, blocks, dense } = products(depth, width);
    // The images need no gradient.
    assert.equal(flop, 2 * (2 * stem + 3 * blocks + 3 * dense));
    assert.ok(Math.abs(flop / 1e9 / expected - 1) < 0.03, `${flop}`);
  });
}
