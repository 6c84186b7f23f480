import * as tf from "@tensorflow/tfjs";
import { cumulativeLowerings } from "../../../onnx/lowerings/cumulative.ts";
import { type Case, specialCase, testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";

type Cumulative = (x: tf.Tensor, axis?: number, exclusive?: boolean, reverse?: boolean) => tf.Tensor;

const everyWay = (fn: Cumulative, axis: number): Case["fn"] => (x) =>
  [[false, false], [false, true], [true, false], [true, true]].map(([exclusive, reverse]) =>
    fn(x!, axis, exclusive, reverse)
  );

const cases = (name: string, fn: Cumulative): Record<string, Case> => ({
  [`${name} along the first axis`]: testCase(everyWay(fn, 0), [5, 3]),
  [`${name} along the last of unknown others`]: testCase(everyWay(fn, 2), [null, 3, 7]),
  [`${name} along an axis of unknown size`]: testCase(everyWay(fn, 1), [2, null, 3]),
  [`${name} of one and of no elements`]: testCase((x, y) => [x, y].flatMap((x) => everyWay(fn, 0)(x!)), [1], [0]),
  [`${name} of int32`]: typedCase("int32", everyWay(fn, 1), [3, 4]),
  [`${name} of bool is int32`]: typedCase("bool", everyWay(fn, 0), [9]),
  [`${name} of special numbers`]: specialCase(everyWay(fn, 0)),
});

testLowerings(Object.keys(cumulativeLowerings), {
  ...cases("Cumprod", tf.cumprod),
  ...cases("Cumsum", tf.cumsum),
  "Cumsum's gradient": testCase(
    (x) => [true, false].map((reverse) => tf.grad((x) => tf.square(tf.cumsum(x, 1, false, reverse)))(x!)),
    [3, 4],
  ),
});
