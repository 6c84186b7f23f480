import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { trainingStepModel } from "../../../export/training_step_file.ts";
import { shakeNet } from "../../../model/shakenet.ts";
import { ModelProtoSchema, type NodeProto } from "../../../onnx/file/generated/onnx_pb.ts";
import { limitOperands, type TensorFunction, toOnnx, trace } from "../../../onnx/internal.ts";
import { useCpu } from "../../support/eager.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";
import { firstState, inputsOf, type RunOptions } from "../../support/training_run.ts";

await useCpu();
/** Storage buffers of a shader stage that the WebGPU specification guarantees. */
const GUARANTEED = 8;

const nodesOf = (model: Uint8Array): NodeProto[] => fromBinary(ModelProtoSchema, model).graph!.node;

/** Nodes that bind more buffers than are guaranteed. The lengths of a split are read on the CPU, and are no buffer. */
const wide = (model: Uint8Array) =>
  nodesOf(model).filter(({ opType, input, output }) =>
    (opType === "Split" ? 1 : input.length) + output.length > GUARANTEED
  ).map(({ opType }) => opType);

const shape = [60, 2], x = { shape, data: randomArray(shape, 1) };

/** The lengths of 1, 2, 3, ... sum to 55; the rest is one more part. */
const split: TensorFunction = ({ x }) =>
  Object.fromEntries(tf.split(x!, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 5]).map((part, at) => [`part${at}`, tf.neg(part)]));
const concat: TensorFunction = ({ x }) => ({
  y: tf.concat(Array.from({ length: 60 }, (_, at) => tf.mul(x!, at + 1)), 1),
});
const functions = { split, concat };

for (const [name, fn] of Object.entries(functions)) {
  Deno.test(`a ${name} of many parts becomes nodes of at most ${GUARANTEED} operands with the same results`, async () => {
    const model = toOnnx(trace(fn, { x: { shape } })), limited = limitOperands(model);
    assert.equal(wide(model).length, 1);
    assert.deepEqual(wide(limited), []);
    assert.deepEqual(await runOnnx(limited, { x }), await runOnnx(model, { x }));
  });
}

Deno.test(`exactly ${GUARANTEED} operands stay one node, and one more are two`, () => {
  const nodes = (parts: number) => {
    const fn: TensorFunction = ({ x }) => ({
      y: tf.concat(Array.from({ length: parts }, (_, at) => tf.mul(x!, at + 1))),
    });
    return nodesOf(limitOperands(toOnnx(trace(fn, { x: { shape } })))).filter(({ opType }) => opType === "Concat")
      .length;
  };
  assert.deepEqual([nodes(GUARANTEED - 1), nodes(GUARANTEED)], [1, 2]);
});

Deno.test("no node of a training step for WebGPU has more operands than every device allows", () => {
  const run = {
    ...{ net: shakeNet({ depth: 8, width: 2, branches: 2, classes: 4 }), steps: 1, batch: 4, side: 8 },
    shake: "shake-shake-image",
  } satisfies RunOptions;
  const specs = Object.entries({ ...firstState(run), ...inputsOf(run, 0) }).map(([name, { shape, data }]) =>
    [name, { shape, dtype: data instanceof Int32Array ? "int32" : "float32" }] as const
  );
  const model = trainingStepModel(run.net, { momentum: 0.9, weightDecay: 1e-2 }, Object.fromEntries(specs), {
    ...{ opset: 17, description: "", metadata: {} },
  });
  assert.ok(wide(model).length > 0);
  assert.deepEqual(wide(limitOperands(model)), []);
});
