import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();

const x = { x: { shape: [2] } };

Deno.test("strings that a refused function closes over keep their elements", () => {
  const words = tf.tensor1d(["a", "b"]);
  assert.throws(() => trace(() => ({ words: tf.reshape(words, [2, 1]) }), x), /uses a constant of type string/);
  assert.deepEqual(tf.concat([words, words]).dataSync() as unknown, ["a", "b", "a", "b"]);
});

Deno.test("complex constants are computed while tracing, and those of the function's surroundings keep their elements", async () => {
  const signal = tf.complex([1, 2], [3, 4]);
  const graph = trace(({ x }) => {
    const spectrum = tf.spectral.fft(tf.reshape(signal, [1, 2]));
    return { y: tf.mul(x!, tf.reshape(tf.imag(spectrum), [2])), size: tf.add(x!, tf.abs(signal)) };
  }, x);
  const { y, size } = await runOnnx(toOnnx(graph), { x: { shape: [2], data: Float32Array.of(1, 2) } });
  // The transform of a and b is a + b and a - b.
  assert.deepEqual([...y!.data], [7, -2]);
  assertClose(size!.data, [1 + Math.sqrt(10), 2 + Math.sqrt(20)], 1e-6);
  assert.deepEqual([...tf.concat([signal, signal]).dataSync()], [1, 3, 2, 4, 1, 3, 2, 4]);
});

const numbers = tf.complex([1, 2], [3, 4]);

/** Functions of x and of complex constants, which no graph holds. */
const refused: Readonly<Record<string, { fn: (x: tf.Tensor) => tf.Tensor; says: string }>> = {
  "an output of complex numbers": {
    fn: () => numbers,
    says:
      "output y of a traced function has complex numbers, which ONNX's operators lack; return its tf.real and tf.imag",
  },
  "complex numbers that an input chooses": {
    fn: (x) => tf.real(tf.gather(numbers, tf.cast(x, "int32"))),
    says: "tf.gather of complex numbers cannot be traced, since ONNX's operators have no complex numbers",
  },
  "a cast to complex numbers": {
    fn: (x) => tf.real(tf.mul(x, numbers)),
    says: "tf.cast makes complex64; a traced value is float32, int32, bool",
  },
};

for (const [what, { fn, says }] of Object.entries(refused)) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(() => trace(({ x }) => ({ y: fn(x!) }), x), { name: "TraceError", message: says });
  });
}

Deno.test("complex constants that depend on an unknown size are refused", () => {
  const rotated = (x: tf.Tensor) => {
    const angles = tf.range(0, x.shape[0]!);
    return tf.mul(x, tf.real(tf.complex(tf.cos(angles), tf.sin(angles))));
  };
  assert.throws(
    () => trace(({ x }) => ({ y: rotated(x!) }), { x: { shape: [null] } }),
    /^TraceError: tf\.complex cannot be traced, since ONNX's operators have no complex numbers/,
  );
});
