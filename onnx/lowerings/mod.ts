/**
 * The table of the kernels that can be written to ONNX. Each entry stands beside its mathematics, in `lowerings/`.
 *
 * @module
 */
import type { Lowering } from "./lowering.ts";
import { collectiveLowerings } from "./collective.ts";
import { convolutionLowerings } from "./convolution/mod.ts";
import { elementwiseLowerings } from "./elementwise.ts";
import { linearAlgebraLowerings } from "./linear_algebra.ts";
import { movementLowerings } from "./movement.ts";
import { poolingLowerings } from "./pooling.ts";
import { reductionLowerings } from "./reduction.ts";
import { scaleAndShiftLowerings } from "./scale_shift.ts";

export type { Lowering };

/** By the name of the TensorFlow.js kernel. */
export const lowerings = {
  ...collectiveLowerings,
  ...convolutionLowerings,
  ...elementwiseLowerings,
  ...linearAlgebraLowerings,
  ...movementLowerings,
  ...poolingLowerings,
  ...reductionLowerings,
  ...scaleAndShiftLowerings,
} satisfies Record<string, Lowering>;
