/**
 * The steps and measurements of a model, compiled by onnxruntime for each type of a batch.
 *
 * @module
 */
import type { Graph } from "../graph/graph.ts";
import { limitOperands } from "../edits/limit_operands.ts";
import type { SpecialValues } from "../lowerings/layout_scope.ts";
import { toOnnx } from "../to_onnx.ts";
import type { Formula } from "./optimizer_formulas.ts";
import { type OnnxRuntime, type RuntimeSession, type SessionOptions, usesWebGpu } from "./runtime.ts";
import { type BatchType, evaluationGraph, type TrainedModel, trainingGraph } from "./training_graph.ts";

/** How graphs are compiled. */
export interface CompileOptions {
  readonly runtime: OnnxRuntime;
  /** Channels of a block in onnxruntime's blocked image format, or undefined for portable steps. */
  readonly block: number | undefined;
  readonly savesMemory: boolean;
  readonly specialValues: SpecialValues;
  readonly session: SessionOptions;
}

/** A graph that onnxruntime runs on batches of one type. */
export interface Compiled {
  readonly graph: Graph;
  readonly session: RuntimeSession;
}

/** The work of a graph on a batch. */
export type GraphKind = "step" | "evaluation";

/** Graphs that are compiled when they are first needed. */
export class CompiledGraphs {
  readonly #trained: TrainedModel;
  readonly #formula: Formula;
  readonly #options: CompileOptions;
  /** By the kind of the graph and the type of the batch. */
  readonly #compiled = new Map<string, Promise<Compiled>>();

  constructor(trained: TrainedModel, formula: Formula, options: CompileOptions) {
    this.#trained = trained;
    this.#formula = formula;
    this.#options = options;
  }

  /** Traces the graph of a step or of a measurement for batches of a type. */
  graph(kind: GraphKind, batch: readonly BatchType[]): Graph {
    const types = batch.map(({ shape, dtype }) => ({ shape, dtype }));
    return kind === "step" ? trainingGraph(this.#trained, this.#formula, types) : evaluationGraph(this.#trained, types);
  }

  /** Returns the compiled graph for batches of a type; the first call compiles it. */
  compiled(kind: GraphKind, batch: readonly BatchType[]): Promise<Compiled> {
    const key = `${kind} ${batch.map(({ shape, dtype }) => `${dtype}[${shape}]`)}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const compiled = this.#createSession(this.graph(kind, batch));
    this.#compiled.set(key, compiled);
    return compiled;
  }

  async #createSession(graph: Graph): Promise<Compiled> {
    const { runtime: { InferenceSession }, block, savesMemory, specialValues, session: options } = this.#options;
    const model = toOnnx(graph, { block, savesMemory, specialValues, hasFiniteFactors: specialValues === "fast" });
    const session = await InferenceSession.create(usesWebGpu(options) ? limitOperands(model) : model, {
      logSeverityLevel: 3,
      // A memory pattern allocates one block for all values beside the memory of the first run, which stays.
      enableMemPattern: false,
      ...options,
    });
    return { graph, session };
  }

  /** Frees what onnxruntime holds. */
  async release(): Promise<void> {
    const compiled = await Promise.allSettled(this.#compiled.values());
    this.#compiled.clear();
    // A step that failed to compile holds nothing.
    for (const result of compiled) if (result.status === "fulfilled") await result.value.session.release();
  }
}
