import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { runOnInputs } from "../../../onnx/trace/named_inputs.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

type Function = (inputs: tf.NamedTensorMap) => unknown;

const x = tf.ones([2]);
const absent = {
  name: "TraceError",
  message: "a traced function reads input z, which it does not have; its inputs are x",
};
const asTensor = {
  name: "TraceError",
  message: "a traced function uses the object of its inputs as a tensor; take them by name: ({ x }) => …",
};

const wrong: Readonly<Record<string, readonly [Function, { name: string; message: string }]>> = {
  "an input that does not exist": [({ z }) => tf.neg(z!), absent],
  "a method of an input that does not exist": [({ z }) => z!.neg(), absent],
  "the inputs as a tensor": [(x) => tf.neg(x as unknown as tf.Tensor), asTensor],
  "a method of the inputs": [(x) => (x as unknown as tf.Tensor).neg(), asTensor],
};

for (const [what, [fn, error]] of Object.entries(wrong)) {
  Deno.test(`a wrong use is explained: ${what}`, () => {
    assert.throws(() => runOnInputs(fn, { x }), error);
  });
}

Deno.test("an optional input may be missing", () => {
  const fn: Function = ({ x, mask }) => mask ? "masked" : x;
  assert.equal(runOnInputs(fn, { x }), x);
});

Deno.test("other errors stay as they are, also where an optional input is missing", () => {
  const fn: Function = ({ x, mask }) => tf.add(mask ?? x!, tf.ones([3]));
  assert.throws(() => runOnInputs(fn, { x }), { name: "Error", message: /shapes 2 and 3/ });
});
