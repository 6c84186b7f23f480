/**
 * The kernels of TensorFlow.js: the public functions that call them, and why some cannot be written to ONNX.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Parts of TensorFlow.js's interface that hold functions, by the prefix of these. */
const modules: Readonly<Record<string, object>> = {
  "tf.": tf,
  "tf.image.": tf.image,
  "tf.losses.": tf.losses,
  "tf.linalg.": tf.linalg,
  "tf.signal.": tf.signal,
  "tf.spectral.": tf.spectral,
  "tf.sparse.": tf.sparse,
  "tf.string.": tf.string,
  "tf.fused.": tf.fused,
};

/** The public functions that call kernels of another name. */
const callers: Readonly<Record<string, string>> = {
  AvgPool3DGrad: "the gradient of tf.avgPool3d",
  AvgPoolGrad: "the gradient of tf.avgPool",
  BatchMatMul: "tf.matMul, tf.dot, tf.outerProduct",
  Conv2DBackpropFilter: "the gradient of tf.conv2d",
  Conv2DBackpropInput: "tf.conv2dTranspose and the gradient of tf.conv2d",
  Conv3DBackpropFilterV2: "the gradient of tf.conv3d",
  Conv3DBackpropInputV2: "tf.conv3dTranspose and the gradient of tf.conv3d",
  ComplexAbs: "tf.abs of complex numbers",
  DepthwiseConv2dNative: "tf.depthwiseConv2d, tf.separableConv2d",
  DepthwiseConv2dNativeBackpropFilter: "the gradient of tf.depthwiseConv2d",
  DepthwiseConv2dNativeBackpropInput: "the gradient of tf.depthwiseConv2d",
  Dilation2DBackpropFilter: "the gradient of tf.dilation2d",
  Dilation2DBackpropInput: "the gradient of tf.dilation2d",
  Draw: "tf.browser.draw",
  EluGrad: "the gradient of tf.elu",
  FFT: "tf.spectral.fft",
  FusedBatchNorm: "tf.batchNorm",
  FusedConv2D: "tf.fused.conv2d",
  FusedDepthwiseConv2D: "tf.fused.depthwiseConv2d",
  GatherNd: "tf.gatherND",
  GatherV2: "tf.gather",
  IFFT: "tf.spectral.ifft",
  Identity: "tf.clone",
  IsNan: "tf.isNaN",
  LRN: "tf.localResponseNormalization",
  LRNGrad: "the gradient of tf.localResponseNormalization",
  LinSpace: "tf.linspace",
  MaxPool3DGrad: "the gradient of tf.maxPool3d",
  MaxPoolGrad: "the gradient of tf.maxPool",
  Multiply: "tf.mul",
  NonMaxSuppressionV3: "tf.image.nonMaxSuppression",
  NonMaxSuppressionV4: "tf.image.nonMaxSuppressionPadded",
  NonMaxSuppressionV5: "tf.image.nonMaxSuppressionWithScore",
  Pack: "tf.stack",
  PadV2: "tf.pad",
  RealDiv: "tf.div",
  ResizeBilinearGrad: "the gradient of tf.image.resizeBilinear",
  ResizeNearestNeighborGrad: "the gradient of tf.image.resizeNearestNeighbor",
  ScatterNd: "tf.scatterND",
  Select: "tf.where",
  SplitV: "tf.split",
  TopK: "tf.topk",
  Unpack: "tf.unstack",
  UnsortedSegmentSum: "tf.unsortedSegmentSum and the gradient of tf.gather",
  _FusedMatMul: "tf.fused.matMul",
};

/** Finds the public name of a function: `tf.image.resizeBilinear` for `resizeBilinear`. */
export function publicName(name: string): string | undefined {
  const found = Object.entries(modules).find(([, functions]) => name in functions);
  return found && `${found[0]}${name}`;
}

/** The public functions that call a kernel, in words. */
export function callersOf(kernel: string): string {
  const alike = kernel.replace(/^./, (letter) => letter.toLowerCase()).replace(
    /[23]D$/,
    (sides) => sides.toLowerCase(),
  );
  return callers[kernel] ?? publicName(alike) ?? `kernel ${kernel}`;
}

const COMPLEX = "ONNX's operators have no complex numbers";
const STRINGS = "ONNX's standard operators have none of strings";
const COUNTS = "the size of the result depends on the elements of the input";

/** Why ONNX cannot express a kernel, and what to call instead. */
export const inexpressible: Readonly<Record<string, { readonly reason: string; readonly instead?: string }>> = {
  Complex: { reason: COMPLEX },
  ComplexAbs: { reason: COMPLEX },
  Draw: { reason: "it draws on a canvas" },
  FFT: { reason: COMPLEX },
  IFFT: { reason: COMPLEX },
  Imag: { reason: COMPLEX },
  Multinomial: { reason: "its random numbers would be the same in every run", instead: "an input of drawn classes" },
  NonMaxSuppressionV3: { reason: COUNTS, instead: "tf.image.nonMaxSuppressionPadded" },
  NonMaxSuppressionV5: { reason: COUNTS, instead: "tf.image.nonMaxSuppressionPadded" },
  RaggedGather: { reason: COUNTS, instead: "tf.gather" },
  RaggedRange: { reason: COUNTS, instead: "tf.range" },
  RaggedTensorToTensor: { reason: COUNTS, instead: "tf.scatterND" },
  Real: { reason: COMPLEX },
  SparseFillEmptyRows: { reason: COUNTS, instead: "tf.sparseToDense" },
  SparseReshape: { reason: COUNTS, instead: "tf.reshape of a dense tensor" },
  SparseSegmentMean: { reason: COUNTS, instead: "tf.unsortedSegmentSum" },
  SparseSegmentSum: { reason: COUNTS, instead: "tf.unsortedSegmentSum" },
  StaticRegexReplace: { reason: STRINGS },
  StringNGrams: { reason: STRINGS },
  StringSplit: { reason: STRINGS },
  StringToHashBucketFast: { reason: STRINGS },
  Unique: { reason: COUNTS, instead: "tf.topk" },
};
