import * as tf from "@tensorflow/tfjs";
import { blockedCase, testLowerings } from "../../support/lowering_cases.ts";

testLowerings(["ScaleShift"], {
  "ScaleShift per channel, and its ReLU": blockedCase((y, _, a, b) => [
    y.mul(a!),
    y.mul(a!).add(b!),
    tf.relu(y.add(1).mul(a!).add(b!).add(a!)),
  ]),
  "ScaleShift of two images": blockedCase((y, x, a, b) => [
    tf.add(y.mul(a!), x.mul(b!)).add(b!),
    tf.add(tf.exp(y), x.mul(b!).add(a!)),
    tf.add(y, x.mul(b!).add(a!)),
  ]),
  "ScaleShift per image and channel": blockedCase((y, x, a, b, c) => [
    y.mul(a!).add(b!).mul(c!).add(x.mul(b!).add(a!).mul(c!)),
    y.mul(c!),
    tf.sum(y.mul(c!), [0, 1, 2]),
    tf.sum(tf.mul(y.mul(c!), x), [0, 1, 2]),
    tf.sum(y.mul(c!).mul(a!), [1, 2], true),
  ]),
  "ScaleShift that is used again": blockedCase((y, _, a, b) => {
    const shifted = y.mul(a!).add(b!);
    return [shifted, tf.relu(shifted), shifted.add(a!), tf.step(shifted)];
  }),
  "ScaleShift of a difference": blockedCase((y, _, a) => [y.sub(a!), a!.sub(y), tf.squaredDifference(y, a!)]),
});
