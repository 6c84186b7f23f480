/**
 * In which forms a model is exported. They stand alone so that a command line can list them without loading TensorFlow.
 *
 * @module
 */

/**
 * What `image` is: normalised numbers, channels first or last, or the bytes of pixels, which the model normalises itself.
 * Bringing pictures to the network's size is left to the caller in all of them.
 */
export const inputForms = ["float32-nchw", "float32-nhwc", "uint8-nhwc"] as const;
export type InputForm = typeof inputForms[number];

/** What a model computes in. */
export const precisions = ["float32", "fp16", "int8"] as const;
export type Precision = typeof precisions[number];

/** Height, width and channels. */
export type ImageShape = readonly [number, number, number];

/** The shape of `image` in a form, but for the batch. */
export const inputShape = (form: InputForm, [height, width, channels]: ImageShape): readonly number[] =>
  form === "float32-nchw" ? [channels, height, width] : [height, width, channels];
