/**
 * The table of the kernels that can be written to ONNX. A kernel is one entry in the file of its kind; a kind is one row of
 * {@linkcode kinds}. The supported kernels and their documentation follow from it.
 *
 * @module
 */
import { collectiveLowerings } from "./collective.ts";
import { convolutionLowerings } from "./convolution/mod.ts";
import { creationLowerings } from "./creation.ts";
import { elementwiseLowerings } from "./elementwise.ts";
import { groupedConv2d } from "./convolution/grouped.ts";
import { linearAlgebraLowerings } from "./linear_algebra.ts";
import type { KernelLowering, Lowering } from "./lowering.ts";
import { movementLowerings } from "./movement.ts";
import { poolingLowerings } from "./pooling.ts";
import { reductionLowerings } from "./reduction.ts";
import { scaleShift } from "./scale_shift.ts";
import { slicingLowerings } from "./slicing.ts";
import { sumOfConv2dBackpropInput } from "./convolution/input_gradient.ts";
import { sumOfProducts } from "./sum_of_products.ts";

export type { KernelLowering, Lowering };

type Table<L extends Lowering> = Readonly<Record<string, L>>;

/** Kernels of TensorFlow.js that belong together. */
export interface Kind {
  readonly title: string;
  /** The file that lists them, in `onnx/lowerings/`. */
  readonly file: string;
  readonly lowerings: Table<KernelLowering>;
}

/** The kernels of TensorFlow.js, by kind. */
export const kinds: readonly Kind[] = [
  { title: "convolution", file: "convolution/mod.ts", lowerings: convolutionLowerings },
  { title: "creation", file: "creation.ts", lowerings: creationLowerings },
  { title: "elementwise", file: "elementwise.ts", lowerings: elementwiseLowerings },
  { title: "linear algebra", file: "linear_algebra.ts", lowerings: linearAlgebraLowerings },
  { title: "movement", file: "movement.ts", lowerings: movementLowerings },
  { title: "pooling", file: "pooling.ts", lowerings: poolingLowerings },
  { title: "reduction", file: "reduction.ts", lowerings: reductionLowerings },
  { title: "slicing", file: "slicing.ts", lowerings: slicingLowerings },
];

/** Kernels that only passes put into a graph. */
export const fusedLowerings = {
  GroupedConv2D: groupedConv2d,
  ScaleShift: scaleShift,
  SumOfConv2DBackpropInput: sumOfConv2dBackpropInput,
  SumOfProducts: sumOfProducts,
} satisfies Table<Lowering>;

/** The kernels that a traced function may call: TensorFlow.js's, and those that this library adds to it. */
export const kernelLowerings: Table<KernelLowering> = Object.assign(
  {},
  ...kinds.map(({ lowerings }) => lowerings),
  collectiveLowerings,
);

/** All lowerings, by the name of the kernel. */
export const lowerings: Table<Lowering> = { ...kernelLowerings, ...fusedLowerings };
