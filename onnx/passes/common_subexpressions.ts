/**
 * A pass that keeps the first of identical kernels. The gradients that TensorFlow.js derives repeat many.
 *
 * @module
 */
import { type Pass, rule } from "./rewrite.ts";

export const commonSubexpressions: Pass = {
  name: "common subexpressions",
  rules: [
    rule({
      name: "identical kernels",
      formula: "y = f(x), z = f(x)  =>  z = y",
      match: (kernel, graph) => graph.earlierTwin(kernel),
      replace: (first) => first.outputs,
    }),
  ],
};
