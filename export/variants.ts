/**
 * The forms and precisions of an exported model. They have a file of their own, so that a command line lists them without
 * loading TensorFlow.js.
 *
 * @module
 */

/**
 * Forms of `image`: normalised numbers with channels first or last, or bytes of pixels, which the model normalises. The
 * caller resizes pictures in every form.
 */
export const inputForms = ["float32-nchw", "float32-nhwc", "uint8-nhwc"] as const;
export type InputForm = typeof inputForms[number];

/** Number formats that a model computes in. */
export const precisions = ["float32", "fp16", "int8"] as const;
export type Precision = typeof precisions[number];

/** Height, width and channels. */
export type ImageShape = readonly [number, number, number];

/** Returns the shape of `image` in a form, without the batch. */
export const inputShape = (form: InputForm, [height, width, channels]: ImageShape): readonly number[] =>
  form === "float32-nchw" ? [channels, height, width] : [height, width, channels];
