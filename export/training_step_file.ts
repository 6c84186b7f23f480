/**
 * The training step as a file of standard ONNX operators, and what runs it: onnxruntime as any other caller has it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import type { Network } from "../model/network.ts";
import type { OptimizerOptions } from "../model/optimizer.ts";
import { trainingStep } from "../model/training_step.ts";
import { type InputSpec, toOnnx, trace } from "../onnx/internal.ts";
import type { HostTensor } from "./inference_model.ts";

export interface StepFileOptions {
  /** Version of the ONNX operators, 13 to 21. */
  readonly opset: number;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Outputs beside the new state. */
const METRICS = ["loss", "accuracy"];
/** How the new state is named, where an output cannot have an input's name. */
const NEXT = "next/";

/**
 * The step as the bytes of an ONNX file. Its inputs have the names of {@linkcode trainingStep}; the new state is
 * `next/<name>`, beside `loss` and `accuracy`.
 *
 * @param inputs the name, shape and element type of every input
 */
export function trainingStepModel(
  net: Network,
  optimizer: OptimizerOptions,
  inputs: Readonly<Record<string, InputSpec>>,
  { opset, description, metadata }: StepFileOptions,
): Uint8Array<ArrayBuffer> {
  // Without its greeting.
  tf.enableProdMode();
  const graph = trace(trainingStep(net, optimizer), inputs);
  return toOnnx(graph, { opset, name: "training_step", description, metadata });
}

/** A file of {@linkcode trainingStepModel}, ready to run. */
export class TrainingStepFile {
  #state: Readonly<Record<string, ort.Tensor>>;

  private constructor(readonly session: ort.InferenceSession, state: Readonly<Record<string, HostTensor>>) {
    this.#state = tensorsOf(state);
  }

  /** @param state that it begins with */
  static async load(
    model: Uint8Array,
    state: Readonly<Record<string, HostTensor>>,
    threads = navigator.hardwareConcurrency,
  ): Promise<TrainingStepFile> {
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 });
    return new TrainingStepFile(session, state);
  }

  /** Takes a step, and gives its loss before the update. */
  async step(inputs: Readonly<Record<string, HostTensor>>): Promise<number> {
    const outputs = await this.session.run({ ...this.#state, ...tensorsOf(inputs) });
    const loss = (outputs["loss"]!.data as Float32Array)[0]!;
    const state = Object.entries(outputs).filter(([name]) => !METRICS.includes(name));
    this.#state = Object.fromEntries(state.map(([name, tensor]) => [name.slice(NEXT.length), tensor]));
    return loss;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

const tensorsOf = (tensors: Readonly<Record<string, HostTensor>>): Record<string, ort.Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [name, new ort.Tensor(data as Float32Array, shape)]),
  );
