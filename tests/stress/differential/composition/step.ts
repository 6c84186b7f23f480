/** A function of a drawn program: what it reads, and the types of its results. */
import type * as tf from "@tensorflow/tfjs";
import type { DataType } from "../../../../onnx/graph/graph.ts";
import type { Draw } from "../draw.ts";
import type { Dim } from "../input.ts";

/** A value of a program while it is drawn. Sizes that are computed have their formulas as names. */
export interface Typed {
  readonly at: number;
  readonly shape: readonly Dim[];
  readonly dtype: DataType;
  /** True if it may be rounded in another way, so that it is not compared with anything. */
  readonly isRounded: boolean;
}

/** One function of a program, from earlier values to new ones. */
export interface Step {
  readonly text: string;
  readonly from: readonly Typed[];
  readonly run: (...tensors: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];
  readonly to: readonly Pick<Typed, "shape" | "dtype">[];
}

/** Draws a function that takes this value and perhaps others; none, if it does not take such values. */
export type StepRule = (draw: Draw, x: Typed, all: readonly Typed[]) => Step | undefined;

export const product = (a: Dim, b: Dim): Dim => {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (a === 1) return b;
  return b === 1 ? a : `(${a}*${b})`;
};

export const sum = (a: Dim, b: Dim): Dim => typeof a === "number" && typeof b === "number" ? a + b : `(${a}+${b})`;

/** Refuses a call in which TensorFlow.js takes no elements for some. */
export function withElements<T extends tf.Tensor>(x: T): T {
  if (x.size === 0) throw new Error("a value without elements");
  return x;
}

export const isFloat = ({ dtype }: Typed) => dtype === "float32";

export const axisOf = (draw: Draw, { shape }: Typed) => draw.integer(0, shape.length - 1);

export const isAtLeastOne = (dim: Dim) => typeof dim === "string" || dim > 0;

export const step = (
  text: string,
  from: readonly Typed[],
  run: Step["run"],
  shape: readonly Dim[],
  dtype: DataType = from[0]!.dtype,
): Step => ({ text, from, run, to: [{ shape, dtype }] });

/** The type that TensorFlow.js computes two types in. */
export const common = (a: DataType, b: DataType): DataType => {
  if (a === "float32" || b === "float32") return "float32";
  return a === "int32" || b === "int32" ? "int32" : "bool";
};
