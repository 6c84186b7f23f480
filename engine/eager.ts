/**
 * The eager engine: functions run untraced, kernel by kernel, on a TensorFlow.js backend. The plain CPU backend is the
 * reference that other engines are compared with; `tensorflow` runs TensorFlow's own kernels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { onBackend } from "../onnx/without_tracer.ts";
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
 * @param processes the processes that train together; default: this one is alone
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
    [Symbol.asyncDispose]: () => Promise.resolve(),
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

  [Symbol.dispose](): void {
    this.tensor.dispose();
  }
}

class EagerProgram implements Program {
  constructor(readonly fn: TensorFunction, readonly backend: string) {}

  // deno-lint-ignore require-await -- the interface is asynchronous
  async run(inputs: DeviceTensors): Promise<DeviceTensors> {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [name, (value as EagerTensor).tensor]),
    );
    const owned = new Set(Object.values(tensors));
    // Each tensor has one owner: an input that is returned, or a tensor that is returned twice, is copied.
    const ownedAlone = (tensor: tf.Tensor): tf.Tensor => {
      const own = owned.has(tensor) ? tensor.clone() : tensor;
      owned.add(own);
      return own;
    };
    const outputs = onBackend(
      this.backend,
      () =>
        tf.tidy(() =>
          Object.fromEntries(Object.entries(this.fn(tensors)).map(([name, tensor]) => [name, ownedAlone(tensor)]))
        ),
    );
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, new EagerTensor(tensor)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
