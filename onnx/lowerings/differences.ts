/** The differences between TensorFlow.js's CPU backend and a model, for docs/kernels.md. */

/**
 * The reason of a difference: TensorFlow.js's backend is wrong; ONNX or onnxruntime gives other values, which a model with exact
 * special values avoids; or the model computes otherwise.
 */
export type Reason = "wrong" | "fast" | "operators";

export interface Difference {
  readonly of: string;
  readonly tensorflow: string;
  readonly model: string;
}

/** Calls whose results differ although nothing is refused, by the reason. */
export const differences: Readonly<Record<Reason, readonly Difference[]>> = {
  wrong: [
    {
      of: "tf.topk of NaN or infinities",
      tensorflow: "may miss larger elements, since it compares differences",
      model: "the largest elements",
    },
    {
      of: "tf.unsortedSegmentSum of NaN or infinities, also as the gradient of tf.gather",
      tensorflow: "NaN in every segment, since elements of other segments are multiplied by 0",
      model: "NaN or an infinity in the element's own segment",
    },
    {
      of: "tf.matMul of batches that broadcast along an axis behind the first",
      tensorflow: "repeats the matrices in turn, whichever axis has size 1",
      model: "broadcasts as TensorFlow and NumPy do",
    },
    {
      of: "tf.batchNorm with statistics of another axis than the last",
      tensorflow: "repeats the statistics in turn",
      model: "broadcasts them",
    },
    {
      of: "tf.stridedSlice that drops an axis, with a step other than 1 along another",
      tensorflow: "takes elements of another place",
      model: "takes those that TensorFlow and NumPy take",
    },
    {
      of: "tf.cumsum along an axis that is counted from the end",
      tensorflow: "a result of a wrong shape",
      model: "sums along that axis",
    },
    {
      of: "tf.abs of int32 above 2^24",
      tensorflow: "rounds to float32",
      model: "exact",
    },
    {
      of: "tf.all of no elements",
      tensorflow: "false",
      model: "true",
    },
    {
      of: "tf.image.transform of several images",
      tensorflow: "maps the first image only",
      model: "maps every image",
    },
    {
      of: "tf.einsum of operands that share no axis, such as i,jk->ij",
      tensorflow: "leaves an operand out",
      model: "multiplies by it",
    },
    {
      of:
        "gradients of tf.avgPool and 3D pooling at the border, tf.cumsum, tf.mirrorPad, tf.batchNorm and resized images",
      tensorflow: "wrong: finite differences disagree",
      model: "agrees with finite differences",
    },
  ],
  fast: [
    {
      of: "tf.maxPool, tf.maxPool3d and tf.maxPoolWithArgmax of NaN, and their gradients",
      tensorflow: "skips NaN; a window of nothing else is -Infinity",
      model: "onnxruntime skips or keeps NaN, by its place in the window; ONNX leaves it open",
    },
    {
      of: "tf.maxPool, tf.maxPool3d and tf.maxPoolWithArgmax of windows that hold only -Infinity",
      tensorflow: "-Infinity; in two dimensions no gradient",
      model: "the lowest float32 where the window is padded; the gradient is the first pixel's",
    },
    {
      of: "tf.image.resizeBilinear of NaN and infinities",
      tensorflow: "an infinite pixel becomes NaN, since it is multiplied by 0",
      model: "its neighbours become NaN too",
    },
    {
      of: "`tf.batchNorm` of images whose variance plus epsilon is 0, or whose scale is infinite",
      tensorflow: "infinities, and NaN where the image equals its mean",
      model: "NaN, since onnxruntime computes x a + (offset - mean a)",
    },
    {
      of: "sums and shifts of images times infinite numbers per channel in compileTraining, such as (x - mean) a",
      tensorflow: "infinities of the sum's sign",
      model: "may be NaN, since x a - mean a is computed",
    },
    {
      of: "3 x 3 convolutions of NaN and infinities in compileTraining, and their gradients",
      tensorflow: "only windows that hold them have them",
      model: "NaN in the neighbouring windows too, where Winograd's algorithm convolves",
    },
  ],
  operators: [
    {
      of: "padded convolutions with NaN or infinities in the filter, and gradients of such gradients",
      tensorflow: "leaves padding out",
      model: "NaN, since ONNX's Conv multiplies padding of 0; to leave it out takes a convolution for each tap",
    },
    {
      of: "int32 results beyond 32 bits, and casts of larger floats",
      tensorflow: "wraps the number that a double holds",
      model: "wraps the exact number, or keeps the least or largest int32",
    },
    {
      of: "tf.mean of numbers whose sum is beyond float32",
      tensorflow: "finite, since each number is divided before",
      model: "an infinity",
    },
    {
      of: "images times numbers per channel near the limits of float32, such as (x a) c",
      tensorflow: "multiplies in the order of the program",
      model: "may compute a c first: infinities, NaN or 0 where that leaves float32",
    },
  ],
};
