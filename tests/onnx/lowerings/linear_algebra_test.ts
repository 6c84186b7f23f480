import * as tf from "@tensorflow/tfjs";
import { linearAlgebraLowerings } from "../../../onnx/lowerings/linear_algebra.ts";
import { testCase, testLowerings } from "../../support/lowering_cases.ts";

testLowerings(Object.keys(linearAlgebraLowerings), {
  "BatchMatMul": testCase((a, b) => tf.matMul(a!, b!), [2, 3, 4], [2, 4, 5]),
  "BatchMatMul transposed": testCase((a, b) => tf.matMul(a!, b!, true, true), [4, 3], [5, 4]),
});
