/**
 * The kernel `ScaleShift`,
 *
 *     y = x * scale + shift + addend,   or the ReLU of that
 *
 * of images x and addend, and numbers that all pixels share: one per channel, one per image of the batch, or one per both.
 * onnxruntime computes it in one pass over a blocked image.
 *
 * @module
 */
import { util } from "@tensorflow/tfjs";
import type { Kernel, Value, ValueType } from "../graph/graph.ts";
import type { GraphView } from "./rewrite.ts";
import { type Call, call, type Term } from "./term.ts";

/** Inputs of the kernel. */
export interface ScaleShift<T extends Term = Value> {
  readonly x: T;
  readonly scale?: T | undefined;
  readonly shift?: T | undefined;
  readonly addend?: T | undefined;
}

export function scaleShift({ x, scale, shift, addend }: ScaleShift<Term>, type: ValueType, relu = false): Call {
  return call("ScaleShift", { x, scale, shift, addend }, type, { relu });
}

/** Finds how an image is scaled and shifted; a ReLU hides it. */
export function scaledImage(value: Value, graph: GraphView): ScaleShift | undefined {
  const kernel = graph.producer(value);
  return kernel?.name === "ScaleShift" && !kernel.attributes["relu"]
    ? kernel.inputs as unknown as ScaleShift
    : undefined;
}

/** Finds how an image is scaled, if nothing is added to it. */
export function multiple(value: Value, graph: GraphView): { readonly x: Value; readonly scale: Value } | undefined {
  const { x, scale, shift, addend } = scaledImage(value, graph) ?? {};
  return x && scale && !shift && !addend ? { x, scale } : undefined;
}

/** Tells apart the operands of a binary kernel, if one is an image and the other has numbers that all pixels share. */
export function imageAndNumbers(
  { inputs, outputs }: Kernel,
): { readonly image: Value; readonly numbers: Value } | undefined {
  const { a, b } = inputs as { a: Value; b: Value };
  const [image, numbers] = isImage(a, outputs[0]!) ? [a, b] : [b, a];
  return isImage(image, outputs[0]!) && arePixelsShared(numbers) ? { image, numbers } : undefined;
}

/** Tells whether a value is an image of several pixels and of the size of a result. */
export const isImage = ({ shape, dtype }: ValueType, result: ValueType): boolean =>
  dtype === "float32" && shape.length === 4 && shape[1]! * shape[2]! !== 1 && `${shape}` === `${result.shape}`;

/** Tells whether a value has several numbers, none of which belongs to one pixel. */
const arePixelsShared = ({ shape }: ValueType): boolean =>
  (shape.length === 1 || (shape.length === 4 && shape[1] === 1 && shape[2] === 1)) &&
  util.sizeFromShape([...shape]) !== 1;
