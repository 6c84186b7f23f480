/**
 * The passes over a traced graph, in the order in which they run. Each keeps what the graph computes and makes it cheaper.
 *
 * @module
 */
import { commonSubexpressions } from "./common_subexpressions.ts";
import { factorOutScales } from "./factor_out_scales.ts";
import { ofFiniteFactors } from "./finite_factors.ts";
import { fuseScaleShift } from "./fuse_scale_shift.ts";
import { groupConvolutions } from "./group_convolutions.ts";
import type { Pass } from "./rewrite.ts";
import { separateAddends } from "./separate_addends.ts";
import { simplifyGradients } from "./simplify_gradients.ts";

export { applyPass, type Pass, type Rule } from "./rewrite.ts";

export const passes: readonly Pass[] = [
  groupConvolutions,
  commonSubexpressions,
  simplifyGradients,
  fuseScaleShift,
  factorOutScales,
  separateAddends,
];

/** The same passes, which keep infinities and NaN too. */
export const exactPasses: readonly Pass[] = passes.map(ofFiniteFactors);
