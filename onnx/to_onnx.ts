/**
 * The two steps from a TensorFlow.js function to an ONNX model, each with the table of lowerings: trace it, lower its graph.
 *
 * @module
 */
import type { Graph } from "./graph/graph.ts";
import { outputName } from "./graph/output_name.ts";
import { TraceError } from "./graph/trace_error.ts";
import { applyPass, exactPasses, passes } from "./passes/mod.ts";
import { saveMemory } from "./passes/save_memory.ts";
import { withEqualSizes } from "./lowerings/equal_sizes.ts";
import { LayoutScope, type ScopeOptions } from "./lowerings/layout_scope.ts";
import { kernelLowerings, lowerings } from "./lowerings/mod.ts";
import { ModelBuilder, type ModelProperties } from "./file/model_builder.ts";
import type { ElementName } from "./file/encode.ts";
import { type InputSpec, type TensorFunction, trace as traceKernels } from "./trace/trace.ts";

export { outputName };

const FIRST_OPSET = 13, LAST_OPSET = 21;
const SPECIAL_VALUES: readonly unknown[] = [undefined, "fast", "exact"];

/** Options of the written model. */
export interface OnnxOptions extends ModelProperties, ScopeOptions {
  /** Version of the ONNX operators, 13 to 21; default 17. */
  readonly opset?: number;
  /** Element types of inputs in the file, where they differ from the trace: `uint8` for an input that is traced as int32. */
  readonly inputTypes?: Readonly<Record<string, ElementName>>;
  /** Orders a training step for memory, and recomputes images instead of keeping them; default: false. */
  readonly savesMemory?: boolean;
  /** Assumes that the factors of images are finite, and moves them out of sums, which speeds up a training step; default: false. */
  readonly hasFiniteFactors?: boolean;
}

/** Traces a function to a graph of kernels that have a lowering; see {@linkcode traceKernels}. */
export const trace = (fn: TensorFunction, inputs: Readonly<Record<string, InputSpec>>): Graph =>
  traceKernels(fn, inputs, kernelLowerings);

/**
 * Writes a graph as the bytes of an ONNX file. Inputs and outputs keep their names (see {@linkcode outputName}), shapes
 * and element types; dynamic dimensions have names, the first one `batch`.
 */
export function toOnnx(
  traced: Graph,
  { opset = 17, inputTypes = {}, savesMemory = false, hasFiniteFactors = false, ...options }: OnnxOptions = {},
): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(opset) || opset < FIRST_OPSET || opset > LAST_OPSET) {
    const given = typeof opset === "string" ? `"${opset}"` : opset;
    throw new TraceError(`opset is ${given}; it is a whole number from ${FIRST_OPSET} to ${LAST_OPSET}`);
  }
  if (!SPECIAL_VALUES.includes(options.specialValues)) {
    throw new TraceError(`specialValues is ${options.specialValues}; it is fast or exact`);
  }
  if (!Number.isInteger(options.modelVersion ?? 1)) {
    throw new TraceError(`modelVersion is ${options.modelVersion}; it is a whole number`);
  }
  const rewritten = (hasFiniteFactors ? passes : exactPasses).reduce(applyPass, traced);
  const graph = savesMemory ? saveMemory(rewritten) : rewritten;
  const builder = new ModelBuilder(opset), types = new Map(Object.entries(inputTypes));
  const scope = new LayoutScope(builder, options, graph.sizes);
  builder.reserve(differentNames(graph));
  builder.nameSizes(graph.sizes ?? []);
  for (const [name, { shape, dtype }] of Object.entries(graph.inputs)) {
    builder.input(name, { shape, dtype: types.get(name) ?? dtype });
  }
  const ofTracedType = Object.entries(graph.inputs).filter(([name]) => types.get(name) === undefined);
  const checked = new Map(Object.entries(withEqualSizes(builder, Object.fromEntries(ofTracedType))));
  for (const [name, value] of Object.entries(graph.inputs)) scope.define(value, checked.get(name) ?? name);
  for (const kernel of graph.kernels) {
    builder.scope = kernel.scope;
    const hasElements = kernel.outputs.some(({ shape }) => !shape.includes(0));
    if (hasElements) lowerings[kernel.name]!.lower(kernel, scope);
  }
  for (const [name, value] of Object.entries(graph.outputs)) {
    builder.output(outputName(graph, name), scope.name(value), value);
  }
  return builder.build(options);
}

/** @throws {TraceError} if an output that shares its name with an input would take the name of another */
function differentNames(graph: Graph): string[] {
  const names = new Set(Object.keys(graph.inputs));
  for (const name of Object.keys(graph.outputs)) {
    const written = outputName(graph, name);
    if (names.has(written)) {
      throw new TraceError(`output ${name} is called ${written} in the model, as another value is; rename one of them`);
    }
    names.add(written);
  }
  return [...names];
}
