/**
 * Runs functions as they are, kernel by kernel, on a TensorFlow.js backend: the plain CPU backend, which is the
 * reference that the others are compared with, or TensorFlow's own kernels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { onBackend } from "../onnx/internal.ts";
import type {
  DeviceTensor,
  DeviceTensors,
  Engine,
  EngineName,
  HostTensor,
  Program,
  SumOverProcesses,
  TensorFunction,
} from "./engine.ts";

/**
 * @param backend name of a TensorFlow.js backend that is registered
 * @param processes those that train together; default: this one is alone
 */
export function eagerEngine(
  name: EngineName,
  backend: string,
  description: string,
  processes?: SumOverProcesses,
): Engine {
  return {
    name,
    description,
    allReduce: (x) => processes ? summed(x, processes) : x,
    upload: ({ shape, data }) => onBackend(backend, () => new EagerTensor(tf.tensor(data, [...shape]))),
    compile: (fn) => Promise.resolve(new EagerProgram(fn, backend)),
  };
}

function summed(x: tf.Tensor, processes: SumOverProcesses): tf.Tensor {
  const values = (x.dataSync() as Float32Array<ArrayBuffer>).slice();
  processes.sumNow(values);
  return tf.tensor(values, x.shape);
}

class EagerTensor implements DeviceTensor {
  constructor(readonly tensor: tf.Tensor) {}

  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  async read(): Promise<HostTensor> {
    return { shape: [...this.shape], data: (await this.tensor.data()).slice() };
  }

  dispose(): void {
    this.tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

class EagerProgram implements Program {
  constructor(readonly fn: TensorFunction, readonly backend: string) {}

  // deno-lint-ignore require-await -- the interface is asynchronous
  async run(inputs: DeviceTensors): Promise<DeviceTensors> {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [name, (value as EagerTensor).tensor]),
    );
    // An output that is an input is copied, so that each can be disposed of without the other.
    const outputs = onBackend(this.backend, () =>
      tf.tidy(() =>
        Object.fromEntries(
          Object.entries(this.fn(tensors)).map(([name, tensor]) => [
            name,
            Object.values(tensors).includes(tensor) ? tensor.clone() : tensor,
          ]),
        )
      ));
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, new EagerTensor(tensor)]));
  }

  async dispose(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
