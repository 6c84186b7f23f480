/**
 * Kernels of images: resized, cropped, turned, mapped, dilated.
 *
 * @module
 */
import type { KernelLowering } from "../lowering.ts";
import { cropAndResize } from "./crop_and_resize.ts";
import { dilation2d, dilation2dBackpropFilter, dilation2dBackpropInput } from "./dilation.ts";
import { resizeBilinear, resizeBilinearGrad, resizeNearest, resizeNearestGrad } from "./resize.ts";
import { flipLeftRight, rotateWithOffset } from "./rotate.ts";
import { transform } from "./transform.ts";

export const imageLowerings = {
  CropAndResize: cropAndResize,
  Dilation2D: dilation2d,
  Dilation2DBackpropFilter: dilation2dBackpropFilter,
  Dilation2DBackpropInput: dilation2dBackpropInput,
  FlipLeftRight: flipLeftRight,
  ResizeBilinear: resizeBilinear,
  ResizeBilinearGrad: resizeBilinearGrad,
  ResizeNearestNeighbor: resizeNearest,
  ResizeNearestNeighborGrad: resizeNearestGrad,
  RotateWithOffset: rotateWithOffset,
  Transform: transform,
} satisfies Record<string, KernelLowering>;
