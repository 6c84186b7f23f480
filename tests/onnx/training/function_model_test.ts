import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { functionModel } from "../../../onnx/training/function_model.ts";

Deno.test("every unknown size of a function's outputs is unknown in the model", () => {
  const model = functionModel(({ a, b }) => ({ y: tf.exp(a!), z: tf.mean(b!, 2) }), {
    a: { shape: [null, 3] },
    b: { shape: [null, null, 2] },
  }, []);
  assert.deepEqual(model.outputs.map(({ shape }) => shape), [[null, 3], [null, null]]);
});

Deno.test("an output with the name of an input is refused in one sentence", () => {
  assert.throws(() => functionModel(({ x }) => ({ x: tf.exp(x!) }), { x: { shape: [null, 3] } }, []), {
    name: "TraceError",
    message: "output x of the function has the name of an input; rename one of them",
  });
});
