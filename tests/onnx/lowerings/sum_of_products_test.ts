import * as tf from "@tensorflow/tfjs";
import { blockedCase, testLowerings } from "../../support/lowering_cases.ts";

testLowerings(["SumOfProducts"], {
  "SumOfProducts": blockedCase((y, x, a) => [
    tf.sum(y.mul(x), [0, 1, 2]),
    tf.sum(tf.square(y), [1, 2], true),
    tf.mean(tf.square(x), [0, 1, 2], true),
    tf.mean(tf.squaredDifference(y, a!), [1, 2]),
    tf.sum(x.mul(a!).mul(y), [0, 1, 2]),
    tf.mean(y.mul(a!), [0, 1, 2]),
  ]),
});
