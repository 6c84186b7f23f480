import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { ModelProtoSchema, TensorProto_DataType as ElementType } from "../../../onnx/file/generated/onnx_pb.ts";
import { toFloat16, toOnnx, trace } from "../../../onnx/internal.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { operators } from "../../support/operators.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();

const weights = randomArray([8, 4], 1);
const fn = ({ x }: tf.NamedTensorMap) => {
  const logits = tf.matMul(x as tf.Tensor2D, tf.tensor2d(weights, [8, 4]));
  return { logits, probabilities: tf.softmax(tf.mul(logits, 20)) };
};
const model = toOnnx(trace(fn, { x: { shape: [null, 8] } }));

Deno.test("a float16 model reads and returns float32, is half the size, and differs by float16's rounding", async () => {
  const half = toFloat16(model, { operators: [] });
  const { initializer, input, output } = fromBinary(ModelProtoSchema, half).graph!;
  assert.ok(initializer.some(({ dataType, rawData }) => dataType === ElementType.FLOAT16 && rawData.length === 64));
  assert.ok(initializer.every(({ dataType }) => dataType !== ElementType.FLOAT), "no constant is kept twice");
  for (const { type } of [...input, ...output]) {
    assert.equal((type!.value.value as { elemType: number }).elemType, ElementType.FLOAT);
  }
  const x = { shape: [3, 8], data: randomArray([3, 8], 2) };
  const { logits } = await runOnnx(half, { x });
  const { logits: expected } = fn({ x: tf.tensor2d(x.data, [3, 8]) });
  assertClose(logits!.data as Float32Array, expected!.dataSync(), 16 * 2 ** -11);
});

Deno.test("operators to keep compute in float32: a soft-max gives probabilities below the smallest float16", async () => {
  const softmax = toOnnx(trace(({ x }) => ({ y: tf.softmax(x!) }), { x: { shape: [1, 2] } }));
  const { y } = await runOnnx(toFloat16(softmax, { operators: ["Softmax"] }), {
    x: { shape: [1, 2], data: Float32Array.of(20, 0) },
  });
  assertClose([y!.data[1]! * Math.exp(20)], [1], 1e-4);
});

Deno.test("values are cast once between the types", () => {
  const nodes = operators(toFloat16(model, { operators: ["Softmax"] }));
  assert.deepEqual(nodes, ["Cast", "MatMul", "Mul", "Cast", "Softmax", "Cast"]);
});
