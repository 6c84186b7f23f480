import * as tf from "@tensorflow/tfjs";
import { initialise } from "../../model/initialise.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();

const pass = (values: tf.NamedTensorMap) => ({ training: false, values, statistics: {} });

Deno.test("without factors the branches count equally", () => {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
  const tensors = Object.fromEntries(
    Object.entries(initialise(net.variables, uniformNumbers)).map((
      [name, { data, shape }],
    ) => [name, tf.tensor(data, [...shape])]),
  );
  const images = randomTensor<tf.Rank.R4>([2, 32, 32, 3], 1);
  const half = tf.fill([net.blocks.length, 2, 2], 0.5) as tf.Tensor3D;
  const plain = net.logits(images, pass(tensors));
  const weighed = net.logits(images, { ...pass(tensors), factors: { alpha: half, beta: half } });
  assertClose(plain.dataSync(), weighed.dataSync(), 1e-5);
});
