/**
 * A rule draws calls of one TensorFlow.js function: shapes, element types, numbers and attributes. The tables of rules, by the
 * name of the function, are in the files of this folder; `rules.ts` joins them.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { SpecialValues } from "../../../onnx/lowerings/layout_scope.ts";
import type { Draw } from "./draw.ts";
import type { Input } from "./input.ts";

/** A call of a function: its inputs, and the function of them. */
export interface Call {
  readonly inputs: readonly Input[];
  readonly fn: (...tensors: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];
  /** Attributes, to be printed with a difference. */
  readonly attributes?: unknown;
  /**
   * The reference of the gradient: TensorFlow.js's own, central differences where that one is wrong, or none. Default:
   * `derived`.
   */
  readonly gradient?: "derived" | "differences" | "none";
  /** The treatment of NaN and infinities by the model. Default: fast. */
  readonly specialValues?: SpecialValues;
  /** Largest error, relative to the larger of 1 and the number expected. Default: 1e-5. */
  readonly tolerance?: number;
  /** True if elements are sums: then errors are relative to the largest element. */
  readonly isSum?: boolean;
}

/** Draws a call. */
export type Rule = (draw: Draw) => Call;

/** Rules by the name of the function that they call. */
export type Rules = Readonly<Record<string, Rule>>;
