/**
 * The training step as a file of standard ONNX operators, and a runner that uses it as any other program would.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../engine/engine.ts";
import { configureTensorFlowJs } from "../engine/library_settings.ts";
import { openSession, ortTensors, type Session, type Tensor } from "../engine/onnxruntime.ts";
import type { Network } from "../model/network.ts";
import { type StepOptions, trainingStep } from "../model/training_step.ts";
import { type InputSpec, toOnnx, trace } from "../onnx/internal.ts";

export interface StepFileOptions {
  /** Version of the ONNX operators, 13 to 21. */
  readonly opset: number;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Outputs that are not part of the new state. */
const METRICS = ["loss", "accuracy"];
/** Prefix of the new state: an output cannot have the name of an input. */
const NEXT = "next/";

/**
 * Writes the step as the bytes of an ONNX file. Its inputs have the names of {@linkcode trainingStep}; its outputs are the
 * new state as `next/<name>`, `loss` and `accuracy`.
 *
 * @param inputs the name, shape and element type of every input
 */
export function trainingStepModel(
  net: Network,
  options: StepOptions,
  inputs: Readonly<Record<string, InputSpec>>,
  { opset, description, metadata }: StepFileOptions,
): Uint8Array<ArrayBuffer> {
  configureTensorFlowJs(tf);
  const graph = trace(trainingStep(net, options), inputs);
  return toOnnx(graph, { opset, name: "training_step", description, metadata, hasFiniteFactors: true });
}

/** A loaded file of {@linkcode trainingStepModel}, with the state of a run; `await using` releases its session. */
export class TrainingStepFile implements AsyncDisposable {
  #state: Readonly<Record<string, Tensor>>;

  private constructor(readonly session: Session, state: Readonly<Record<string, HostTensor>>) {
    this.#state = ortTensors(state);
  }

  /**
   * @param state the state before the first step
   * @throws {EngineUnavailableError} if onnxruntime does not load on this machine
   */
  static async load(
    model: Uint8Array,
    state: Readonly<Record<string, HostTensor>>,
    threads = navigator.hardwareConcurrency,
  ): Promise<TrainingStepFile> {
    const session = await openSession(model, { intraOpNumThreads: threads });
    return new TrainingStepFile(session, state);
  }

  /** Takes a step and returns the loss before its update. */
  async step(inputs: Readonly<Record<string, HostTensor>>): Promise<number> {
    const outputs = await this.session.run({ ...this.#state, ...ortTensors(inputs) });
    const loss = (outputs["loss"]!.data as Float32Array)[0]!;
    const state = Object.entries(outputs).filter(([name]) => !METRICS.includes(name));
    this.#state = Object.fromEntries(state.map(([name, tensor]) => [name.slice(NEXT.length), tensor]));
    return loss;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }
}
