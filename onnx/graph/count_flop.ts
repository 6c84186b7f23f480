/**
 * Counts the floating-point operations of a traced graph's 2D convolutions and matrix products: two for each product of two
 * numbers that is added to a sum, at the border too. Everything else is left out, depthwise, 3D and fused convolutions too; in
 * ShakeNet it is less than a hundredth.
 *
 * @module
 */
import { type Graph, isDynamic, type Kernel, type Value } from "./graph.ts";
import { TraceError } from "./trace_error.ts";

const elements = ({ shape }: Value): number => shape.reduce((product, size) => product * size, 1);

/** Products over the filter of one pixel of one filter: height x width x input channels. */
const products = ({ shape: [height, width, inputs] }: { readonly shape: readonly number[] }): number =>
  height! * width! * inputs!;

/** Products that are summed, by kernel. A convolution and both of its gradients have as many as each other. */
const sums: Readonly<Record<string, (kernel: Kernel) => number>> = {
  Conv2D: ({ inputs, outputs }) => elements(outputs[0]!) * products(inputs["filter"]!),
  Conv2DBackpropInput: ({ inputs }) => elements(inputs["dy"]!) * products(inputs["filter"]!),
  Conv2DBackpropFilter: ({ inputs, outputs }) => elements(inputs["dy"]!) * products(outputs[0]!),
  BatchMatMul: ({ inputs, attributes, outputs }) =>
    elements(outputs[0]!) * inputs["a"]!.shape.at(attributes["transposeA"] ? -2 : -1)!,
};

/**
 * Counts the operations of one run.
 *
 * @throws {TraceError} if a size that counts is known only when the graph runs
 */
export function graphFlop({ kernels }: Graph): number {
  return kernels.reduce((total, kernel) => total + 2 * (sums[kernel.name]?.(fixed(kernel)) ?? 0), 0);
}

function fixed(kernel: Kernel): Kernel {
  const values = [...Object.values(kernel.inputs), ...kernel.outputs];
  if (kernel.name in sums && values.some(({ shape }) => shape.some(isDynamic))) {
    throw new TraceError(`the operations of ${kernel.name} cannot be counted: trace the function with fixed sizes`);
  }
  return kernel;
}
