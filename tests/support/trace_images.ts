/** Traces functions of an image, filters and numbers per channel, and looks for kernels in their graphs. */
import * as tf from "@tensorflow/tfjs";
import { type Graph, type Kernel, type TensorFunction, trace } from "../../onnx/internal.ts";

const IMAGE = { shape: [2, 4, 4, 3] }, FILTER = { shape: [3, 3, 3, 3] }, NUMBERS = { shape: [3] };

/** Traces a function of images `x`, `y`, filters `f`, `g` and numbers per channel `a`, `b`. */
export const traceImages = (fn: TensorFunction): Graph =>
  trace(fn, { x: IMAGE, y: IMAGE, f: FILTER, g: FILTER, a: NUMBERS, b: NUMBERS });

export const convolve = (x: tf.Tensor, f: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same");

export const kernelNames = ({ kernels }: Graph): string[] => kernels.map(({ name }) => name);

export const count = ({ kernels }: Graph, name: string): number =>
  kernels.filter((kernel) => kernel.name === name).length;

/** Finds the first kernel of a name. */
export const find = ({ kernels }: Graph, name: string): Kernel => kernels.find((kernel) => kernel.name === name)!;
