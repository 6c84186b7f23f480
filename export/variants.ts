/**
 * The forms and precisions of an exported model. They have a file of their own, so that a command line lists them without
 * loading TensorFlow.js.
 *
 * @module
 */

/**
 * Forms of `image` in the size of the network: normalised numbers with channels first or last, or bytes of pixels, which the
 * model normalises.
 */
export const sizedForms = ["float32-nchw", "float32-nhwc", "uint8-nhwc"] as const;
export type SizedForm = typeof sizedForms[number];

/** All forms of `image`; with `uint8-any`, pictures have any size and the model resizes them. */
export const inputForms = [...sizedForms, "uint8-any"] as const;
export type InputForm = typeof inputForms[number];

/** Returns the form of the model that is made and measured; resizing is put in front of it last. */
export const sizedForm = (form: InputForm): SizedForm => form === "uint8-any" ? "uint8-nhwc" : form;

/** Number formats that a model computes in. */
export const precisions = ["float32", "fp16", "int8"] as const;
export type Precision = typeof precisions[number];

/** Height, width and channels. */
export type ImageShape = readonly [number, number, number];

/** Returns the shape of `image` in a form, without the batch. */
export const inputShape = (form: InputForm, [height, width, channels]: ImageShape): readonly number[] =>
  form === "float32-nchw" ? [channels, height, width] : [height, width, channels];
