/**
 * Counts the floating-point operations of a function of tensors, by its graph.
 *
 * @module
 */
import { graphFlop } from "../onnx/graph/count_flop.ts";
import { trace } from "../onnx/internal.ts";
import type { InputSpec, TensorFunction } from "./engine.ts";

/**
 * Counts the operations of convolutions and matrix products of one call.
 *
 * @param inputs the name, shape and element type of every input; all sizes are fixed
 */
export const countFlop = (compute: TensorFunction, inputs: Readonly<Record<string, InputSpec>>): number =>
  graphFlop(trace(compute, inputs));
