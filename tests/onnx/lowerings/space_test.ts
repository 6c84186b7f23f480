import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { spaceLowerings } from "../../../onnx/lowerings/space.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomTensor } from "../../support/eager.ts";
import { blockedCase, testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const mirror = (paddings: [number, number][], mode: "reflect" | "symmetric") => (x: tf.Tensor) =>
  tf.mirrorPad(x, paddings, mode);
const borders: [number, number][] = [[0, 0], [2, 1], [0, 3], [1, 0]];
const volume = [3, 4, 5, 2];

testLowerings(Object.keys(spaceLowerings), {
  "BatchToSpaceND": testCase(
    (x) => [
      tf.batchToSpaceND(x!, [2, 3], [[1, 0], [2, 3]]),
      tf.batchToSpaceND(x!, [2], [[0, 0]]),
      tf.batchToSpaceND(x!, [2, 2, 3], [[0, 1], [0, 0], [1, 1]]),
    ],
    [12, 3, 4, 2],
  ),
  "BatchToSpaceND of int32": typedCase("int32", (x) => tf.batchToSpaceND(x!, [2, 1], [[1, 0], [0, 0]]), [4, 3, 4]),
  "BatchToSpaceND of an unknown size": testCase(
    (x) => tf.batchToSpaceND(x!, [2, 2], [[1, 0], [0, 1]]),
    [8, null, null, 2],
  ),
  "BatchToSpaceND's gradient": testCase(
    (x) => tf.grad((x) => tf.batchToSpaceND(x, [2, 3], [[1, 0], [2, 3]]))(x!, randomTensor([2, 5, 7, 2], 7)),
    [12, 3, 4, 2],
  ),
  "DepthToSpace": testCase((x) => [tf.depthToSpace(x as tf.Tensor4D, 2)], [2, 3, 4, 12]),
  "DepthToSpace of a blocked image": blockedCase((y) => tf.depthToSpace(y, 4)),
  "DepthToSpace of an unknown size": testCase((x) => tf.depthToSpace(x as tf.Tensor4D, 3), [null, null, null, 18]),
  "MirrorPad": testCase(
    (x) => [mirror(borders, "reflect")(x!), mirror(borders, "symmetric")(x!)],
    volume,
  ),
  "MirrorPad by a whole side": testCase(
    (x) => [mirror([[2, 2]], "reflect")(x!), mirror([[3, 3]], "symmetric")(x!)],
    [3],
  ),
  "MirrorPad of int32": typedCase("int32", mirrorBoth([[1, 1], [2, 0]]), [2, 4]),
  "MirrorPad of bool": typedCase("bool", mirrorBoth([[1, 1], [2, 0]]), [2, 4]),
  "MirrorPad of an unknown size": testCase((x) => mirror([[0, 1], [1, 1]], "symmetric")(x!), [null, null]),
  "SpaceToBatchND": testCase(
    (x) => [
      tf.spaceToBatchND(x!, [2, 3], [[1, 1], [0, 1]]),
      tf.spaceToBatchND(x!, [2], [[0, 0]]),
      tf.spaceToBatchND(x!, [2, 1, 1], [[0, 0], [0, 0], [2, 1]]),
    ],
    volume,
  ),
  "SpaceToBatchND of int32 and bool": testCase(
    (x) =>
      (["int32", "bool"] as const).map((dtype) =>
        tf.spaceToBatchND(tf.cast(tf.mul(x!, 9), dtype), [2, 3], [[1, 1], [0, 1]])
      ),
    volume,
  ),
  "SpaceToBatchND of an unknown batch": testCase(
    (x) => tf.spaceToBatchND(x!, [2, 3], [[1, 1], [0, 1]]),
    [null, 4, 5, 2],
  ),
  "SpaceToBatchND's gradient": testCase(
    (x) => tf.grad((x) => tf.spaceToBatchND(x, [2, 3], [[1, 1], [0, 1]]))(x!, randomTensor([18, 3, 2, 2], 7)),
    volume,
  ),
});

function mirrorBoth(paddings: [number, number][]) {
  return (x: tf.Tensor | undefined) => [mirror(paddings, "reflect")(x!), mirror(paddings, "symmetric")(x!)];
}

// TensorFlow.js's gradient leaves out what the mirrored pixels add.
for (const mode of ["reflect", "symmetric"] as const) {
  Deno.test(`MirrorPad's gradient, ${mode}, is its adjoint: <pad(x), dy> = <x, gradient(dy)>`, async () => {
    const pad = mirror(borders, mode), x = randomArray(volume, 1);
    const padded = pad(tf.tensor(x, volume)), dy = randomArray(padded.shape, 2);
    const inputs = { x: { shape: volume }, dy: { shape: padded.shape } };
    const graph = trace(({ x, dy }) => ({ dx: tf.grad(pad)(x!, dy!) }), inputs);
    const { dx } = await runOnnx(toOnnx(graph), {
      x: { shape: volume, data: x },
      dy: { shape: padded.shape, data: dy },
    });
    assert.deepEqual(dx!.shape, volume);
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, x, at) => sum + x * b[at]!, 0);
    assertClose([dot(x, dx!.data)], [dot(padded.dataSync(), dy)], 1e-5);
  });
}

// TensorFlow.js refuses to mirror more elements than an axis has.
for (const [mode, least] of [["reflect", 3], ["symmetric", 2]] as const) {
  Deno.test(`MirrorPad of an unknown size, ${mode}: the model refuses an axis of fewer than ${least} elements`, async () => {
    const before = mirror([[0, 0], [2, 0]], mode), after = mirror([[0, 0], [0, 2]], mode);
    for (const pad of [before, after]) {
      const model = toOnnx(trace(({ x }) => ({ y: pad(x!) }), { x: { shape: [2, null] } }));
      const run = (size: number) => runOnnx(model, { x: { shape: [2, size], data: randomArray([2, size], 1) } });
      assert.throws(() => pad(tf.zeros([2, least - 1])));
      await assert.rejects(() => run(least - 1), /padding_must_not_exceed_dimension_1/);
      const { y } = await run(least);
      assert.deepEqual(Array.from(y!.data as Float32Array), [...pad(randomTensor([2, least], 1)).dataSync()]);
    }
  });
}
