/**
 * The table of the kernels that can be written to ONNX. A kernel is one entry in the file of its kind; a kind is one row of
 * {@linkcode kinds}. The supported kernels and their documentation follow from it.
 *
 * @module
 */
import { activationLowerings } from "./activation.ts";
import { after } from "./after.ts";
import { boxLowerings } from "./boxes.ts";
import { collectiveLowerings } from "./collective.ts";
import { convolutionLowerings } from "./convolution/mod.ts";
import { countingLowerings } from "./counting.ts";
import { creationLowerings } from "./creation.ts";
import { cumulativeLowerings } from "./cumulative.ts";
import { elementwiseLowerings } from "./elementwise.ts";
import { fusedKernelLowerings } from "./fused.ts";
import { groupedConv2d } from "./convolution/grouped.ts";
import { imageLowerings } from "./image/mod.ts";
import { indexingLowerings } from "./indexing.ts";
import { linearAlgebraLowerings } from "./linear_algebra.ts";
import type { KernelLowering, Lowering } from "./lowering.ts";
import { movementLowerings } from "./movement.ts";
import { normalisationLowerings } from "./normalisation.ts";
import { orderLowerings } from "./order.ts";
import { poolingLowerings } from "./pooling/mod.ts";
import { predicateLowerings } from "./predicate.ts";
import { reductionLowerings } from "./reduction.ts";
import { roundingLowerings } from "./rounding.ts";
import { scaleShift } from "./scale_shift.ts";
import { slicingLowerings } from "./slicing.ts";
import { spaceLowerings } from "./space.ts";
import { stackingLowerings } from "./stacking.ts";
import { sumOfConv2dBackpropInput } from "./convolution/input_gradient.ts";
import { sumOfProducts } from "./sum_of_products.ts";
import { transcendentalLowerings } from "./transcendental.ts";
import { identityMatrix, uniformConstant } from "./sized_constant.ts";

export type { KernelLowering, Lowering };

type Table<L extends Lowering> = Readonly<Record<string, L>>;

/** Kernels of TensorFlow.js that belong together. */
export interface Kind {
  /** The file that lists them, in `onnx/lowerings/`. */
  readonly file: string;
  readonly lowerings: Table<KernelLowering>;
}

/** The kernels of TensorFlow.js, by kind. */
export const kinds: readonly Kind[] = [
  { file: "activation.ts", lowerings: activationLowerings },
  { file: "boxes.ts", lowerings: boxLowerings },
  { file: "convolution/mod.ts", lowerings: convolutionLowerings },
  { file: "counting.ts", lowerings: countingLowerings },
  { file: "creation.ts", lowerings: creationLowerings },
  { file: "cumulative.ts", lowerings: cumulativeLowerings },
  { file: "elementwise.ts", lowerings: elementwiseLowerings },
  { file: "fused.ts", lowerings: fusedKernelLowerings },
  { file: "image/mod.ts", lowerings: imageLowerings },
  { file: "indexing.ts", lowerings: indexingLowerings },
  { file: "linear_algebra.ts", lowerings: linearAlgebraLowerings },
  { file: "movement.ts", lowerings: movementLowerings },
  { file: "normalisation.ts", lowerings: normalisationLowerings },
  { file: "order.ts", lowerings: orderLowerings },
  { file: "pooling/mod.ts", lowerings: poolingLowerings },
  { file: "predicate.ts", lowerings: predicateLowerings },
  { file: "reduction.ts", lowerings: reductionLowerings },
  { file: "rounding.ts", lowerings: roundingLowerings },
  { file: "slicing.ts", lowerings: slicingLowerings },
  { file: "space.ts", lowerings: spaceLowerings },
  { file: "stacking.ts", lowerings: stackingLowerings },
  { file: "transcendental.ts", lowerings: transcendentalLowerings },
];

/** Kernels that only passes, and the joining of traces, put into a graph. */
export const fusedLowerings = {
  After: after,
  GroupedConv2D: groupedConv2d,
  ScaleShift: scaleShift,
  SumOfConv2DBackpropInput: sumOfConv2dBackpropInput,
  SumOfProducts: sumOfProducts,
  IdentityMatrix: identityMatrix,
  UniformConstant: uniformConstant,
} satisfies Table<Lowering>;

/** The kernels that a traced function may call: TensorFlow.js's, and those that this library adds to it. */
export const kernelLowerings: Table<KernelLowering> = Object.assign(
  {},
  ...kinds.map(({ lowerings }) => lowerings),
  collectiveLowerings,
);

/** All lowerings, by the name of the kernel. */
export const lowerings: Table<Lowering> = { ...kernelLowerings, ...fusedLowerings };
