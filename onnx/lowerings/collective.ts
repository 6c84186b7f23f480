/**
 * Kernels over several processes.
 *
 * @module
 */
import { COLLECTIVE, type Lowering } from "./lowering.ts";

export const collectiveLowerings = {
  AllReduce: {
    infer: ({ x }) => x!,
    lower({ name, inputs, outputs }, scope) {
      const { builder, collectives } = scope;
      const x = scope.name(inputs["x"]!);
      // A constant exists inside a graph alone.
      const summed = () =>
        builder.node(name, [inputs["x"]!.constant ? builder.node("Identity", [x]) : x], {}, COLLECTIVE);
      scope.define(outputs[0]!, collectives ? summed() : x);
    },
  },
} satisfies Record<string, Lowering>;
