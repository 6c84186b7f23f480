/**
 * The table of the kernels that can be written to ONNX. Each entry stands beside its mathematics, in `lowerings/`.
 *
 * @module
 */
import type { Lowering } from "./lowering.ts";
import { collectiveLowerings } from "./lowerings/collective.ts";
import { convolutionLowerings } from "./lowerings/convolution.ts";
import { elementwiseLowerings } from "./lowerings/elementwise.ts";
import { linearAlgebraLowerings } from "./lowerings/linear_algebra.ts";
import { movementLowerings } from "./lowerings/movement.ts";
import { poolingLowerings } from "./lowerings/pooling.ts";
import { reductionLowerings } from "./lowerings/reduction.ts";
import { scaleAndShiftLowerings } from "./lowerings/scale_and_shift.ts";

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
