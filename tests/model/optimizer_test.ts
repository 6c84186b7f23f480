import * as tf from "@tensorflow/tfjs";
import { nesterov } from "../../model/optimizer.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

Deno.test("Nesterov momentum follows TensorFlow's formula, with weight decay in the gradient", () => {
  const mu = 0.9, decay = 0.1, rate = 0.5, gradients = [1, -2, 0.5];
  let [weight, momentum] = [2, 0];
  let [w, m]: [tf.Tensor, tf.Tensor] = [tf.scalar(weight), tf.scalar(momentum)];
  for (const gradient of gradients) {
    const decayed = gradient + decay * weight;
    momentum = mu * momentum + decayed;
    weight -= rate * (decayed + mu * momentum);
    ({ weight: w, momentum: m } = nesterov(w, m, tf.scalar(gradient), tf.scalar(rate), {
      momentum: mu,
      weightDecay: decay,
    }));
    assertClose([...w.dataSync(), ...m.dataSync()], [weight, momentum], 1e-6);
  }
});
