import * as tf from "@tensorflow/tfjs";
import { creationLowerings } from "../../../onnx/lowerings/creation.ts";
import { testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";

testLowerings(Object.keys(creationLowerings), {
  "Fill": testCase((x) => tf.add(x!, tf.fill([3, 4], 2.5)), [4]),
  "LinSpace of an unknown count": testCase((x) => tf.add(x!, tf.linspace(-1, 2, x!.shape[1]!)), [3, null]),
  "OneHot": { ...testCase((x) => tf.oneHot(tf.cast(x!, "int32"), 4), [5]), from: (x) => Math.floor(2 * x + 2) },
  "OnesLike": testCase((x) => tf.add(x!, tf.onesLike(x!)), [3, 4]),
  "Range of an unknown length": testCase((x) => tf.add(x!, tf.range(0, x!.shape[1]!)), [3, null]),
  "Range with steps, from a number": typedCase(
    "int32",
    (x) => tf.add(x!, tf.range(4, 4 + 3 * x!.shape[0]!, 3, "int32")),
    [null],
  ),
  "ZerosLike": testCase((x) => tf.add(x!, tf.zerosLike(x!)), [3, 4]),
});
