/** The functions that drawn programs are made of. */
import { binary, cast, compare, constant, outer, unary, where } from "./elementwise.ts";
import { concat, expand, oneHot, pad, reshape, stack, tile, transpose } from "./movement.ts";
import { gather, slice, split, unstack } from "./parts.ts";
import type { StepRule } from "./step.ts";
import { anyOrAll, argMax, matMul, perAxis, reduce } from "./sums.ts";

/** Functions by name; those that occur often are listed again. */
export const steps: Readonly<Record<string, StepRule>> = {
  unary,
  cast,
  binary,
  binaryAgain: binary,
  outer,
  compare,
  where,
  reduce,
  anyOrAll,
  argMax,
  reshape,
  reshapeAgain: reshape,
  transpose,
  expand,
  concat,
  stack,
  unstack,
  split,
  gather,
  slice,
  matMul,
  perAxis,
  pad,
  tile,
  oneHot,
  constant,
};
