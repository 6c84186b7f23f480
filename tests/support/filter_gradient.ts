/**
 * The gradient of a convolution's filter on TensorFlow.js's CPU backend, with the same sums in the same order, to the bit.
 * TensorFlow.js's own kernel calls a function for every factor, which takes nine tenths of the time of a training step.
 */
import * as tf from "@tensorflow/tfjs";

type Shape4D = [number, number, number, number];
type Info = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

const KERNEL = "Conv2DBackpropFilter";

/** Replaces the kernel in this file of tests. */
export function useQuickFilterGradient(): void {
  const kernel = tf.getKernel(KERNEL, "cpu");
  tf.unregisterKernel(KERNEL, "cpu");
  tf.registerKernel({ ...kernel, kernelFunc: (args) => filterGradientKernel(args) ?? kernel.kernelFunc(args) });
}

/** Computes the kernel for images with channels last, and returns undefined for others. */
export const filterGradientKernel: (...args: Parameters<tf.KernelFunc>) => tf.TensorInfo | undefined = (
  { inputs, attrs, backend },
) => {
  const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  if (dataFormat !== "NHWC") return undefined;
  const info = tf.backend_util.computeConv2DInfo(x.shape as Shape4D, filterShape, strides, 1, pad, dimRoundingMode);
  const cpu = backend as tf.KernelBackend & { makeTensorInfo: (...of: unknown[]) => tf.TensorInfo };
  const [image, gradient] = [x, dy].map(({ dataId }) => cpu.readSync(dataId) as Float32Array);
  return cpu.makeTensorInfo(filterShape, "float32", filterGradient(info, image!, gradient!));
};

function filterGradient(info: Info, image: Float32Array, gradient: Float32Array): Float32Array {
  const { filterHeight, filterWidth, inChannels, outChannels } = info;
  const result = new Float32Array(filterHeight * filterWidth * inChannels * outChannels);
  // Sums in float64, as numbers of JavaScript are.
  const sums = new Float64Array(inChannels * outChannels);
  for (let at = 0; at < filterHeight * filterWidth; at++) {
    sums.fill(0);
    addProducts(sums, info, Math.floor(at / filterWidth), at % filterWidth, image, gradient);
    result.set(sums, at * sums.length);
  }
  return result;
}

/** Adds the products of all pixels that one element of the filter connects, for every pair of channels. */
function addProducts(
  sums: Float64Array,
  { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, ...info }: Info,
  row: number,
  column: number,
  image: Float32Array,
  gradient: Float32Array,
): void {
  for (let pixel = 0; pixel < batchSize * outHeight * outWidth; pixel++) {
    const y = Math.floor(pixel / outWidth) % outHeight * info.strideHeight + row - info.padInfo.top;
    const x = pixel % outWidth * info.strideWidth + column - info.padInfo.left;
    if (y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
    const from = ((Math.floor(pixel / (outHeight * outWidth)) * inHeight + y) * inWidth + x) * inChannels;
    for (let a = 0; a < inChannels; a++) {
      const value = image[from + a]!;
      for (let b = 0; b < outChannels; b++) sums[a * outChannels + b]! += value * gradient[pixel * outChannels + b]!;
    }
  }
}
