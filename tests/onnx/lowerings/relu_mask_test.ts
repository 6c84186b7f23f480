import * as tf from "@tensorflow/tfjs";
import { blockedCase, image, testCase, testLowerings } from "../../support/lowering_cases.ts";

testLowerings(["Step"], {
  "Step with a slope": testCase((x) => tf.step(x!, 0.5), [3, 4]),
  "Step of a blocked image": blockedCase((y) => [tf.step(y), tf.step(y, 0.25)]),
  "Relu's gradient": testCase((x) => tf.grad((x) => tf.square(tf.relu(x)))(x!), image),
});
