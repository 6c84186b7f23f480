/**
 * A pass for a `ScaleShift` whose sum overwrites its addend in memory: an addend that is read later is added by a kernel of
 * its own.
 *
 * @module
 */
import { type Pass, rule } from "./rewrite.ts";
import { type ScaleShift, scaleShift } from "./scale_shift.ts";
import { call } from "./term.ts";

export const separateAddends: Pass = {
  name: "separate addends",
  rules: [
    rule({
      name: "addend that is read later",
      formula: "scaleShift(x, a, b, y) = scaleShift(x, a, b) + y",
      kernels: ["ScaleShift"],
      match(kernel, graph) {
        const inputs = kernel.inputs as unknown as ScaleShift;
        return inputs.addend && !graph.isLastUse(inputs.addend, kernel) ? inputs : undefined;
      },
      replace({ addend, ...rest }, { attributes: { relu }, outputs }) {
        const sum = call("Add", { a: scaleShift(rest, outputs[0]!), b: addend }, outputs[0]!);
        return relu ? call("Relu", { x: sum }, outputs[0]!) : sum;
      },
    }),
  ],
};
