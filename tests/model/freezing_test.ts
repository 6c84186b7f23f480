import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { freezeNames, isFrozen } from "../../model/freezing.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { initialise } from "../../model/initialise.ts";
import { initialState, lossAndGradients, trainingStep } from "../../model/training_step.ts";
import { useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();
const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
const inputs = (): tf.NamedTensorMap => {
  const state = initialState(net, initialise(net.variables, uniformNumbers));
  const tensors = Object.entries(state).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]);
  const factors = tf.fill([3, 2, 2], 0.5);
  return {
    ...Object.fromEntries(tensors),
    images: tf.randomUniform([2, 8, 8, 3], -1, 1, "float32", 1),
    labels: tf.tensor1d([0, 2], "int32"),
    ...{ alpha: factors, beta: factors, learningRate: tf.scalar(0.1) },
  };
};
const options = { momentum: 0.9, weightDecay: 0.01 };

Deno.test("each part freezes itself and everything before it, and none freezes the classifier", () => {
  const stages = freezeNames.map((freeze) => [
    ...new Set(
      net.variables.map(({ name }) => name).filter((name) => isFrozen(name, freeze)).map((name) => name.split("/")[0]),
    ),
  ]);
  const parts = ["stem", "stage1", "stage2", "stage3"];
  assert.deepEqual(stages, [[], parts.slice(0, 1), parts.slice(0, 2), parts.slice(0, 3), parts]);
});

for (const freeze of freezeNames) {
  Deno.test(`with ${freeze} frozen, its state keeps its bytes and all other weights change`, () => {
    const before = inputs(), after = trainingStep(net, { ...options, freeze })(before);
    for (const { name, kind } of net.variables) {
      const prefixes = kind === "statistic" ? ["statistics/"] : ["weights/", "momentum/"];
      for (const prefix of prefixes) {
        const [was, is] = [before, after].map((state) => state[prefix + name]!.dataSync());
        const same = is!.every((value, at) => value === was![at]);
        assert.equal(same, isFrozen(name, freeze), prefix + name);
      }
    }
  });
}

Deno.test("frozen weights have no gradient, and the others have the one of a network whose batch norm is fixed there", () => {
  const { gradients } = lossAndGradients(net, inputs(), { freeze: "stage2" });
  assert.ok(Object.keys(gradients).every((name) => /^(stage3|dense)\//.test(name)));
  // By finite differences, for a weight behind the frozen part.
  const name = "dense/bias", step = 1e-2;
  const lossAt = (shift: number) => {
    const moved = inputs(), weight = moved[`weights/${name}`]!;
    moved[`weights/${name}`] = tf.add(weight, tf.tensor1d([shift, 0, 0]));
    return lossAndGradients(net, moved, { freeze: "stage2" }).crossEntropy.dataSync()[0]!;
  };
  const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
  assert.ok(Math.abs(slope - gradients[name]!.dataSync()[0]!) < 1e-3);
});

Deno.test("frozen batch norm normalises with its moving statistics in training", () => {
  const logits: number[][] = [];
  for (const scale of [1, 100]) {
    const state = inputs();
    const values = Object.fromEntries(
      net.variables.map((
        { name, kind },
      ) => [name, state[`${kind === "statistic" ? "statistics" : "weights"}/${name}`]!]),
    );
    // Images of another range change what moving statistics normalise, and hardly what statistics of the batch do.
    const images = tf.mul(state["images"]!, scale) as tf.Tensor4D;
    const isAll = (name: string) => isFrozen(name, "body");
    const training = net.logits(images, { training: true, values, statistics: {}, isFrozen: isAll });
    const inference = net.logits(images, { training: false, values, statistics: {} });
    assert.deepEqual([...training.dataSync()], [...inference.dataSync()]);
    logits.push([...training.dataSync()]);
  }
  assert.notDeepEqual(logits[0], logits[1]);
});
