/**
 * Kernels over several processes.
 *
 * @module
 */
import { ALL_REDUCE } from "../trace/all_reduce.ts";
import type { Value } from "../graph/graph.ts";
import { COLLECTIVE } from "../file/domains.ts";
import { type KernelLowering, lowering } from "./lowering.ts";

/** The sum over the processes; in a process that is alone it is its input. */
const allReduce = lowering<{ readonly x: Value }>({
  infer: ({ x }) => x,
  lower({ inputs: { x }, output }, scope) {
    const name = scope.name(x);
    if (!scope.collectives) return scope.define(output, name);
    // The sum is computed outside the graph and can read nodes and inputs only.
    const operand = x.constant ? scope.builder.node("Identity", [name]) : name;
    const sum = scope.builder.node(ALL_REDUCE, [operand], {}, COLLECTIVE);
    // Without the shape a runtime knows none of what follows, and cannot overwrite memory.
    scope.builder.describe(sum, output);
    scope.define(output, sum);
  },
});

export const collectiveLowerings = { [ALL_REDUCE]: allReduce } satisfies Record<string, KernelLowering>;
