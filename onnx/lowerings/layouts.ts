/**
 * The orders in which the elements of an image, [batch, height, width, channels] in TensorFlow.js, may lie in memory.
 *
 *     natural        [batch, height, width, channels]
 *     channelsFirst  [batch, channels, height, width], ONNX's own
 *     blocked        [batch, channels / block, height, width, block], that of onnxruntime's fast convolutions
 *
 * @module
 */
export type Form = "natural" | "channelsFirst" | "blocked";

/** For every axis of a natural image, the axes that it is in a form. */
const AXES: Readonly<Record<Form, readonly (readonly number[])[]>> = {
  natural: [[0], [1], [2], [3]],
  channelsFirst: [[0], [2], [3], [1]],
  blocked: [[0], [2], [3], [1, 4]],
};

/** The axes of `form` that are axis `axis` of the natural form. */
export const axesIn = (form: Form, axis: number): readonly number[] => AXES[form][axis] ?? [axis];

/** The axis of `form` along which parts of the natural axis `axis` are joined; blocked channels in whole blocks. */
export const axisIn = (form: Form, axis: number): number => axesIn(form, axis)[0]!;

/** What is given for every axis of the natural form, in the order of `form`; blocked, the inner of the channels is last. */
export function permuteTo<T>(form: Form, perAxis: readonly T[], inner: T): readonly T[] {
  if (form === "natural") return perAxis;
  const [batch, height, width, channels] = perAxis as [T, T, T, T];
  return form === "channelsFirst" ? [batch, channels, height, width] : [batch, channels, height, width, inner];
}

/** The shape of an image, or of an operand that broadcasts to one, in the order of `form`. */
export function shapeIn(form: Form, shape: readonly number[], block: number): readonly number[] {
  const channels = shape[3]!;
  if (form !== "blocked" || channels === 1) return permuteTo(form, shape, 1);
  return permuteTo(form, shape.with(3, channels / block), block);
}

/** Whether an image has its elements in the same order in every form: it has one pixel, or one channel. */
export const isSameInEveryForm = ([, height, width, channels]: readonly number[]): boolean =>
  (height === 1 && width === 1) || channels === 1;
