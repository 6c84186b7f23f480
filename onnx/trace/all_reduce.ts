/**
 * The sum of a tensor over the processes that run a function together, as an operation of TensorFlow.js. A traced function
 * records it, and the engine that runs the graph computes it. In a single process it is the identity.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Name of the kernel and of the ONNX node. */
export const ALL_REDUCE = "AllReduce";

/** Sums a tensor over the processes; it has no gradient. */
export const allReduce = (x: tf.Tensor): tf.Tensor => tf.engine().runKernel(ALL_REDUCE, { x });

tf.registerKernel({
  kernelName: ALL_REDUCE,
  backendName: "cpu",
  kernelFunc({ inputs, backend }) {
    const { dataId, shape, dtype } = inputs["x"] as tf.TensorInfo;
    (backend as tf.KernelBackend).incRef(dataId);
    return { dataId, shape, dtype };
  },
});
