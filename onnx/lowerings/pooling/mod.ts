/**
 * Poolings: averages and maxima over the windows of images with two or three sides.
 *
 * @module
 */
import type { KernelLowering } from "../lowering.ts";
import { avgPool, avgPool3d, avgPool3dGrad, avgPoolGrad } from "./average.ts";
import { maxPool, maxPool3d, maxPool3dGrad, maxPoolGrad, maxPoolWithArgmax } from "./maximum.ts";

export const poolingLowerings = {
  AvgPool: avgPool,
  AvgPool3D: avgPool3d,
  AvgPool3DGrad: avgPool3dGrad,
  AvgPoolGrad: avgPoolGrad,
  MaxPool: maxPool,
  MaxPool3D: maxPool3d,
  MaxPool3DGrad: maxPool3dGrad,
  MaxPoolGrad: maxPoolGrad,
  MaxPoolWithArgmax: maxPoolWithArgmax,
} satisfies Record<string, KernelLowering>;
