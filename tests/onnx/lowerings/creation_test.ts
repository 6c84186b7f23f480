import * as tf from "@tensorflow/tfjs";
import { creationLowerings } from "../../../onnx/lowerings/creation.ts";
import { testCase, testLowerings } from "../../support/lowering_cases.ts";

testLowerings(Object.keys(creationLowerings), {
  "Fill": testCase((x) => tf.add(x!, tf.fill([3, 4], 2.5)), [4]),
  "OneHot": { ...testCase((x) => tf.oneHot(tf.cast(x!, "int32"), 4), [5]), from: (x) => Math.floor(2 * x + 2) },
  "OnesLike": testCase((x) => tf.add(x!, tf.onesLike(x!)), [3, 4]),
  "ZerosLike": testCase((x) => tf.add(x!, tf.zerosLike(x!)), [3, 4]),
});
