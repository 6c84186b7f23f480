/**
 * Replaces kernels of TensorFlow.js's CPU backend that docs/kernels.md calls wrong, so that they can be a reference: of the
 * sums of segments, also as the gradients of gathers, NaN and infinities stay in their own segment.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Memory of the CPU backend, as its kernels see it. */
interface CpuMemory {
  readSync(dataId: tf.DataId): Float32Array | Int32Array | Uint8Array;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
}

/** Adds every row of x to the sum of its segment; ids of no segment are skipped. */
function sumSegments(rows: ArrayLike<number>, ids: ArrayLike<number>, count: number): Float32Array {
  const width = ids.length === 0 ? 0 : rows.length / ids.length;
  const sums = new Float64Array(count * width);
  Array.from(ids).forEach((id, row) => {
    if (id < 0 || id >= count) return;
    for (let column = 0; column < width; column++) sums[id * width + column]! += rows[row * width + column]!;
  });
  return Float32Array.from(sums);
}

/** Registers the corrected kernels; see above. */
export function correctReference(): void {
  tf.unregisterKernel("UnsortedSegmentSum", "cpu");
  tf.registerKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: "cpu",
    kernelFunc({ inputs: { x, segmentIds }, backend, attrs }) {
      const cpu = backend as CpuMemory, count = attrs!["numSegments"] as number;
      const shape = x!.shape.with(0, count);
      const sums = x!.shape.includes(0)
        ? new Float32Array(tf.util.sizeFromShape(shape))
        : sumSegments(cpu.readSync(x!.dataId), cpu.readSync(segmentIds!.dataId), count);
      return cpu.makeTensorInfo(shape, "float32", sums);
    },
  });
}
