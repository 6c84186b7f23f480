import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import { adamW, compileTraining } from "../../../onnx/mod.ts";
import { formulaOf } from "../../../onnx/training/optimizer_formulas.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { useQuickFilterGradient } from "../../support/filter_gradient.ts";
import { images, smallCnn, weightsOf } from "../../support/layers_training.ts";

await useCpu();
useQuickFilterGradient();

const { train } = tf;

const optimizers: Readonly<Record<string, () => tf.Optimizer>> = {
  "SGD": () => train.sgd(0.05),
  "momentum": () => train.momentum(0.05, 0.9),
  "Nesterov momentum": () => train.momentum(0.05, 0.9, true),
  "Adam": () => train.adam(0.01, 0.8, 0.99, 1e-5),
  "AdamW": () => adamW({ learningRate: 0.01, weightDecay: 0.1 }),
  "Adamax": () => train.adamax(0.01, 0.9, 0.999, 1e-6, 0.1),
  "RMSProp": () => train.rmsprop(0.005, 0.9, 0.5),
  // A larger epsilon makes TensorFlow.js take the root of a negative number.
  "centered RMSProp": () => train.rmsprop(0.001, 0.5, 0.1, -1e-3, true),
  "Adagrad": () => train.adagrad(0.05),
  "Adadelta": () => train.adadelta(1),
};

for (const [name, make] of Object.entries(optimizers)) {
  Deno.test(`${name}: losses, metrics and weights of 20 steps are TensorFlow.js's`, async () => {
    const [eager, compiled] = [smallCnn(), smallCnn()];
    const { xs, ys } = images(3), loss = "categoricalCrossentropy", metrics = ["accuracy"];
    eager.compile({ optimizer: make(), loss, metrics });
    const session = { intraOpNumThreads: 1 };
    await using training = await compileTraining(compiled, { optimizer: make(), loss, metrics, runtime: ort, session });
    for (let step = 0; step < 20; step++) {
      const expected = await eager.trainOnBatch(xs, ys) as number[];
      const actual = await training.step({ xs, ys });
      assert.ok(expected.every(Number.isFinite));
      assertClose([actual["loss"]!, actual["acc"]!], expected, 1e-5, `step ${step}`);
    }
    training.writeWeights();
    assertClose(weightsOf(compiled), weightsOf(eager), 1e-4, "weight");
  });
}

Deno.test("an optimizer without a formula is refused in one sentence", () => {
  class Other extends tf.SGDOptimizer {
    static override get className() {
      return "Other";
    }
  }
  assert.throws(() => formulaOf(new Other(1)), /^Error: optimizer Other cannot be compiled; use one of SGD, Momentum/);
});

Deno.test("an optimizer that changes the gradients is refused in one sentence, own method or subclass", () => {
  class Clipped extends tf.SGDOptimizer {
    override applyGradients(gradients: Parameters<tf.SGDOptimizer["applyGradients"]>[0]) {
      super.applyGradients(gradients);
    }
  }
  const patched = train.adam(1);
  patched.minimize = () => null;
  assert.throws(() => formulaOf(new Clipped(1)), /^Error: optimizer SGD has a method applyGradients of its own, which/);
  assert.throws(() => formulaOf(patched), /^Error: optimizer Adam has a method minimize of its own, which/);
});

Deno.test("AdamW shrinks a weight without a gradient's help: w (1 - rate decay)", () => {
  const w = tf.variable(tf.scalar(2), true), optimizer = adamW({ learningRate: 0.1, weightDecay: 0.5 });
  optimizer.applyGradients([{ name: w.name, tensor: tf.scalar(0) }] as never);
  assertClose(w.dataSync(), [2 * (1 - 0.1 * 0.5)], 1e-6);
});
